/* collector: a capture through the pipeline. One worker's batch takes its records; full batches are written as they come, and listed together at the end. */
#include "pipeline_inside.h"
#include "wire.h"

enum { PACKETS_A_LOOK = 1024, RECORDS_A_LOOK = 256 };

struct passage {
	struct ot_pipeline *pipeline;
	struct ot_worker *worker;
	struct ot_job job; /* what the worker takes context and source from; its chunk stays empty */
	uint64_t packets_known;
	uint64_t records;
	enum ot_status status; /* of writing */
	struct ot_err *err;
};

static void lock_nothing(void *context)
{
	(void)context; /* the workers stand still: the store is this thread's */
}

static enum ot_status write_full(struct passage *passage, struct ot_err *err)
{
	struct ot_worker *worker = passage->worker;
	struct ot_worker_lock lock = { lock_nothing, lock_nothing, NULL };
	if (worker->batch.rows < OT_EPOCH_ROWS && ot_worker_bytes(worker) < OT_EPOCH_BYTES)
		return OT_OK;
	enum ot_status status = ot_worker_write(worker, passage->pipeline->options.store, &lock, err);
	ot_batch_clear(&worker->batch);
	return status;
}

static void take_draft(void *context, struct ot_draft *draft, uint64_t packet, unsigned item)
{
	struct passage *passage = context;
	if (packet <= passage->packets_known || passage->status != OT_OK)
		return;
	ot_worker_record(passage->worker, &passage->job, draft, OT_STR("pcap"), packet, item);
	if (++passage->records % RECORDS_A_LOOK == 0)
		passage->status = write_full(passage, passage->err);
}

/* `*ended` is what the capture said at its end. */
static enum ot_status read_packets(struct passage *passage, struct ot_capture *capture, struct ot_wire *wire, enum ot_status *ended, struct ot_err *err)
{
	struct ot_pipeline *p = passage->pipeline;
	struct ot_captured packet;
	enum ot_status status = OT_OK;
	for (uint64_t n = 1; status == OT_OK; n++) {
		*ended = ot_capture_next(capture, &packet, err);
		if (*ended != OT_OK)
			break;
		ot_wire_packet(wire, &packet);
		if (n % PACKETS_A_LOOK != 0)
			continue;
		status = passage->status;
		atomic_store(&p->seats[0].records, passage->records);
		if (p->options.cancel != NULL && *p->options.cancel)
			return ot_err_set(err, OT_CANCELLED, "stopped");
	}
	ot_wire_end(wire);
	return status == OT_OK ? passage->status : status;
}

/* What was not seen or not understood, by minute. */
static void tally_minutes(struct passage *passage, struct ot_wire *wire)
{
	size_t count;
	const struct ot_wire_minute *minutes = ot_wire_minutes(wire, &count);
	for (size_t i = 0; i < count; i++) {
		uint32_t missing = minutes[i].halves + minutes[i].holes + minutes[i].not_understood + minutes[i].midstream;
		if (missing > 0)
			ot_tally_minute(&passage->worker->tallies, passage->job.source, (int32_t)minutes[i].minute, 0, missing);
	}
}

enum ot_status ot_pipeline_capture(struct ot_pipeline *p, struct ot_capture *capture, struct ot_tracked *tracked,
    const struct ot_source_context *context, uint64_t packets_known, struct ot_wire_counts *counts, struct ot_err *err)
{
	enum ot_status ended = OT_OK, status = ot_pipeline_commit(p, err);
	struct ot_err ignored;
	if (status != OT_OK)
		return status;
	struct passage passage = { .pipeline = p, .worker = &p->seats[0].worker, .packets_known = packets_known, .err = err };
	passage.job.context = *context;
	passage.job.context.ingest_time = ot_time_now();
	passage.job.source = tracked->number;
	struct ot_wire *wire = ot_wire_new(OT_WIRE_MEMORY_MAX, packets_known, take_draft, &passage);
	status = read_packets(&passage, capture, wire, &ended, err);
	ot_wire_count(wire, counts);
	counts->dropped = ot_capture_dropped(capture);
	if (status == OT_OK) {
		struct ot_tally *tally = ot_tally_of(&passage.worker->tallies, tracked->number);
		tally->lines += counts->packets - packets_known;
		tally_minutes(&passage, wire);
		tracked->changed = true;
		tracked->whole = ended == OT_END;
		status = ot_pipeline_commit(p, ended == OT_CORRUPT ? &ignored : err);
	} else {
		ot_worker_clear(passage.worker); /* its files are in no list and will be swept */
	}
	ot_wire_free(wire);
	return status == OT_OK && ended != OT_END ? ended : status;
}
