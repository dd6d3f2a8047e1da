/* The descriptions in collector/formats/, embedded by collector/embed.sh at build. */
#ifndef OT_COLLECTOR_BUILTIN_H
#define OT_COLLECTOR_BUILTIN_H

struct ot_builtin_format {
	const char *name, *text; /* file name; the last has none */
};
extern const struct ot_builtin_format ot_builtin_formats[];

#endif
