/* The schema as data: what each field of a record is, by number and by name. */
#ifndef OT_STORE_SCHEMA_H
#define OT_STORE_SCHEMA_H

#include <base/buf.h>
#include <base/err.h>
#include <store/fields.h>

enum ot_field {
#define OT_FIELD_ENUM(id, ...) OT_##id,
	OT_FIELDS(OT_FIELD_ENUM)
#undef OT_FIELD_ENUM
	OT_FIELD_COUNT,
	OT_FIELD_NONE = OT_FIELD_COUNT,
};

/* What a field means and how it is written for people. */
enum ot_type {
	OT_TYPE_INT,	 /* number, in the field's unit */
	OT_TYPE_TIME,	 /* ns since 1970 UTC */
	OT_TYPE_ENUM,	 /* one of the names in `unit`, stored as its place among them */
	OT_TYPE_BOOL,
	OT_TYPE_DICT,	 /* text with few distinct values */
	OT_TYPE_ADDRESS, /* IPv4, IPv6 or what stands for one ("unix:"); canonical text (RFC 5952) */
	OT_TYPE_TEXT,	 /* text with many distinct values */
	OT_TYPE_JSON,	 /* compact JSON object */
	OT_TYPE_HEX,	 /* 64, 128 or 256 bits, lower-case hex outside */
	OT_TYPE_ID,	 /* not stored: made from other columns (record_id) or from links (call_id) */
};

/* How values of a field lie in memory and on disk. */
enum ot_form {
	OT_FORM_INT,   /* int64_t: INT, TIME, ENUM, BOOL */
	OT_FORM_DICT,  /* codes into a dictionary: DICT, ADDRESS */
	OT_FORM_TEXT,  /* bytes of any length: TEXT, JSON */
	OT_FORM_FIXED, /* bytes of one length: HEX */
	OT_FORM_NONE,  /* ID */
};

enum { OT_ENUM_VALUES_MAX = 8 };

struct ot_field_info {
	const char *name, *alias; /* alias "" where there is none */
	enum ot_type type;
	enum ot_form form;
	const char *unit;    /* "ns", "bytes", "start|end|derived|unknown" … */
	const char *group;   /* when where who what how links ai rest */
	const char *meaning;
	const char *otel;
	uint16_t width;	     /* bytes of a FIXED value */
};

extern const struct ot_field_info ot_fields[OT_FIELD_COUNT];

/* By name or alias, also with dots for underscores (OpenTelemetry's own spelling); OT_FIELD_NONE where there is none. */
enum ot_field ot_field_find(struct ot_str name);
/* The name or alias nearest to `name`, for "did you mean". Never NULL. */
const char *ot_field_nearest(struct ot_str name);

/* ENUM fields: number of values, name of one, value of a name (-1: none). */
int ot_enum_count(enum ot_field field);
const char *ot_enum_name(enum ot_field field, int64_t value);
int64_t ot_enum_value(enum ot_field field, struct ot_str name);

/* Values of enums that code decides on; the order is that of `unit` in fields.h, which schema.c asserts. */
enum ot_basis { OT_BASIS_START, OT_BASIS_END, OT_BASIS_DERIVED, OT_BASIS_UNKNOWN };
enum ot_origin_kind { OT_KIND_GATEWAY, OT_KIND_AI_GATEWAY, OT_KIND_MCP_GATEWAY, OT_KIND_PROXY, OT_KIND_SERVICE, OT_KIND_WIRE };
enum ot_leg { OT_LEG_CLIENT, OT_LEG_UPSTREAM, OT_LEG_BOTH, OT_LEG_UNKNOWN };
enum ot_client_kind { OT_CALLER_USER, OT_CALLER_CONSUMER, OT_CALLER_CREDENTIAL, OT_CALLER_CERTIFICATE, OT_CALLER_ADDRESS };
enum ot_trust { OT_TRUST_VERIFIED, OT_TRUST_GATEWAY, OT_TRUST_CALLER, OT_TRUST_INFERRED };
enum ot_outcome { OT_OUTCOME_SUCCESS, OT_OUTCOME_FAILURE, OT_OUTCOME_DENIED, OT_OUTCOME_ABORTED, OT_OUTCOME_UNKNOWN };
enum ot_response_source { OT_FROM_UPSTREAM, OT_FROM_GATEWAY, OT_FROM_CACHE, OT_FROM_UNKNOWN };

#endif
