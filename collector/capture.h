/*
 * Capture files: pcap by libpcap, pcapng (IETF opsawg draft "PCAP Now Generic") by a reader of our own, since libpcap stops at the first
 * interface of another link type and passes over drop counts.
 */
#ifndef OT_COLLECTOR_CAPTURE_H
#define OT_COLLECTOR_CAPTURE_H

#include "frame.h"

struct ot_captured {
	int64_t time_ns;
	uint64_t number; /* from 1 */
	int link;	 /* LINKTYPE_ of its interface */
	struct ot_str bytes;
	uint32_t wire_len;
};

struct ot_capture;
/* Told of the file's uncompressed bytes, once each and in order, as they are read. */
typedef void ot_capture_bytes_fn(void *context, struct ot_str bytes);
/* Reads from an input whose content is a capture (any container); the input stays the caller's and must outlive the capture. `bytes` may be NULL. */
enum ot_status ot_capture_open(struct ot_capture **out, struct ot_input *input, ot_capture_bytes_fn *bytes, void *context, struct ot_err *err);
void ot_capture_close(struct ot_capture *capture);
/* The next packet; its bytes live until the next call. OT_END at the end; OT_CORRUPT where the file is cut or damaged, with the place: what came before holds. */
enum ot_status ot_capture_next(struct ot_capture *capture, struct ot_captured *out, struct ot_err *err);
/* Packets that the capturing program says it dropped (pcapng); 0 where the file does not say. */
uint64_t ot_capture_dropped(const struct ot_capture *capture);
/* Uncompressed bytes read. */
uint64_t ot_capture_position(const struct ot_capture *capture);

#endif
