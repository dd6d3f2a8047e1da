#include "feed.h"

#include <base/text.h>
#include <pthread.h>
#include <query/footing.h>
#include <stdlib.h>
#include <string.h>

enum {
	BATCHES = 4,
	BATCH_ROWS_FIRST = 64, /* so that the first rows come soon */
	BATCH_ROWS = 1024,
	BATCH_BYTES = 1 << 20,
	WAIT_NS = 20000000, /* between looks at the cancel flag */
	VALUE_ORIGINS = OT_FIELD_COUNT,
	VALUE_RECORDS,
	VALUES_MAX,
	VALUE_NONE = UINT8_MAX,
};

struct cell {
	union ot_value value;
	bool present;
};

struct batch {
	struct ot_arena arena;
	struct cell *cells; /* BATCH_ROWS rows of as many as are wanted */
	sqlite3_int64 ids[BATCH_ROWS];
	size_t rows, bytes; /* bytes: of its texts */
};

struct feed {
	struct ot_sql *sql;
	struct sql_engine *engine;
	struct feed_question *question;
	uint8_t places[VALUES_MAX]; /* of a value within a row; VALUE_NONE: not wanted */
	uint8_t values[VALUES_MAX]; /* and the other way round */
	size_t width;
	struct ot_buf text;
	pthread_t thread;
	bool running;

	/* The engine fills `filling`, which nobody else looks at, and hands it over; the cursor holds the first of those handed over. */
	struct batch batches[BATCHES];
	size_t filling, reading, at;
	size_t rows_max;
	bool holds; /* the cursor is within batch `reading` */

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	size_t full; /* batches handed over */
	bool ended, closing;
	enum ot_status status;
	struct ot_err err;
	struct ot_scan_stats stats;
};

/* --- the engine's side --- */

static enum ot_status hand_over(struct feed *feed)
{
	bool closing;

	pthread_mutex_lock(&feed->lock);
	feed->full++;
	pthread_cond_broadcast(&feed->changed);
	while (feed->full == BATCHES && !feed->closing)
		pthread_cond_wait(&feed->changed, &feed->lock);
	closing = feed->closing;
	pthread_mutex_unlock(&feed->lock);
	feed->filling = (feed->filling + 1) % BATCHES;
	feed->rows_max = BATCH_ROWS;
	if (!closing) {
		feed->batches[feed->filling].rows = 0;
		feed->batches[feed->filling].bytes = 0;
		ot_arena_reset(&feed->batches[feed->filling].arena);
	}
	return closing ? OT_END : OT_OK;
}

static struct ot_str origins_text(struct feed *feed, const struct ot_row *row)
{
	ot_buf_clear(&feed->text);
	ot_buf_char(&feed->text, '[');
	for (uint32_t i = 0; i < row->origin_count; i++) {
		if (i > 0)
			ot_buf_char(&feed->text, ',');
		ot_text_json(&feed->text, row->origins[i]);
	}
	ot_buf_char(&feed->text, ']');
	return ot_buf_str(&feed->text);
}

static struct ot_str keep(struct batch *batch, struct ot_str text)
{
	batch->bytes += text.len;
	return ot_arena_str(&batch->arena, text);
}

static void take_value(struct feed *feed, struct batch *batch, const struct ot_row *row, unsigned value, struct cell *out)
{
	const struct ot_record *record = row->record;

	out->present = true;
	if (value == VALUE_ORIGINS) {
		out->value.text = keep(batch, origins_text(feed, row));
	} else if (value == VALUE_RECORDS) {
		out->value.number = row->records;
	} else if (!ot_record_has(record, (enum ot_field)value)) {
		out->present = false;
	} else if (ot_fields[value].form == OT_FORM_INT) {
		out->value.number = record->values[value].number;
	} else {
		out->value.text = keep(batch, record->values[value].text);
	}
}

static enum ot_status take_row(void *context, const struct ot_row *row, struct ot_err *err)
{
	struct feed *feed = context;
	struct batch *batch = &feed->batches[feed->filling];
	struct cell *cells = batch->cells + batch->rows * feed->width;
	struct ot_str id = ot_record_text(row->record, OT_RECORD_ID);

	(void)err;
	for (size_t i = 0; i < feed->width; i++)
		take_value(feed, batch, row, feed->values[i], &cells[i]);
	batch->ids[batch->rows++] = (sqlite3_int64)(ot_hash(id.ptr, id.len) >> 1);
	if (batch->rows == feed->rows_max || batch->bytes >= BATCH_BYTES)
		return hand_over(feed);
	return OT_OK;
}

static void *work(void *argument)
{
	struct feed *feed = argument;
	struct ot_rows_request *request = &feed->question->request;
	struct ot_err err = {0};
	enum ot_status status = ot_engine_rows(feed->engine->engine, request, take_row, feed, &feed->stats, &err);

	if (status == OT_OK && feed->batches[feed->filling].rows > 0)
		hand_over(feed);
	pthread_mutex_lock(&feed->lock);
	feed->status = status;
	feed->err = err;
	feed->ended = true;
	pthread_cond_broadcast(&feed->changed);
	pthread_mutex_unlock(&feed->lock);
	return NULL;
}

/* --- the cursor's side --- */

static void place_values(struct feed *feed)
{
	const struct wanted *wanted = &feed->question->wanted;

	memset(feed->places, VALUE_NONE, sizeof(feed->places));
	for (unsigned value = 0; value < VALUES_MAX; value++) {
		bool is_wanted = value == VALUE_ORIGINS ? wanted->origins : value == VALUE_RECORDS ? wanted->records : wanted->fields[value];

		if (!is_wanted)
			continue;
		feed->places[value] = (uint8_t)feed->width;
		feed->values[feed->width++] = (uint8_t)value;
	}
	for (size_t i = 0; i < BATCHES; i++)
		feed->batches[i].cells = ot_alloc_zero(BATCH_ROWS * feed->width, sizeof(struct cell));
}

enum ot_status feed_open(struct feed **out, struct ot_sql *sql, struct sql_engine *engine, struct feed_question *question, struct ot_err *err)
{
	struct feed *feed = ot_alloc_zero(1, sizeof(*feed));
	pthread_condattr_t attributes;

	*out = feed;
	feed->sql = sql;
	feed->engine = engine;
	feed->question = question;
	feed->rows_max = BATCH_ROWS_FIRST;
	place_values(feed);
	question->request.fields = question->wanted.fields;
	engine->cancel = 0;
	pthread_mutex_init(&feed->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&feed->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&feed->thread, NULL, work, feed) != 0)
		return ot_err_set(err, OT_LIMIT, "no thread is to be had to search the store with");
	feed->running = true;
	sql->read.questions++;
	return OT_OK;
}

void feed_close(struct feed *feed)
{
	if (feed == NULL)
		return;
	if (feed->running) {
		pthread_mutex_lock(&feed->lock);
		feed->closing = true;
		feed->engine->cancel = !feed->ended;
		pthread_cond_broadcast(&feed->changed);
		pthread_mutex_unlock(&feed->lock);
		pthread_join(feed->thread, NULL);
		if (feed->stats.first_damage.ptr != NULL) /* its engine may be gone before the words are shown */
			feed->stats.first_damage = ot_arena_str(&feed->sql->arena, feed->stats.first_damage);
		ot_scan_stats_add(&feed->sql->read.stats, &feed->stats);
		feed->sql->read.values_given_up += feed->stats.values_given_up;
	}
	for (size_t i = 0; i < BATCHES; i++) {
		ot_arena_release(&feed->batches[i].arena);
		free(feed->batches[i].cells);
	}
	ot_buf_release(&feed->text);
	pthread_cond_destroy(&feed->changed);
	pthread_mutex_destroy(&feed->lock);
	free(feed);
}

static void wait_a_moment(struct feed *feed)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += WAIT_NS;
	until.tv_sec += until.tv_nsec / OT_NS_PER_S;
	until.tv_nsec %= OT_NS_PER_S;
	pthread_cond_timedwait(&feed->changed, &feed->lock, &until);
}

/* Gives the batch at hand back and waits for the next. */
static enum ot_status next_batch(struct feed *feed, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	pthread_mutex_lock(&feed->lock);
	if (feed->holds) {
		feed->full--;
		feed->reading = (feed->reading + 1) % BATCHES;
		feed->holds = false;
		pthread_cond_broadcast(&feed->changed);
	}
	while (feed->full == 0 && !feed->ended && !sql_cancelled(feed->sql))
		wait_a_moment(feed);
	if (sql_cancelled(feed->sql)) {
		status = ot_err_set(err, OT_CANCELLED, "stopped");
	} else if (feed->full == 0) {
		status = feed->status == OT_OK ? OT_END : feed->status;
		*err = feed->err;
	}
	pthread_mutex_unlock(&feed->lock);
	feed->holds = status == OT_OK;
	feed->at = 0;
	return status;
}

enum ot_status feed_next(struct feed *feed, struct ot_err *err)
{
	if (feed->holds && feed->at + 1 < feed->batches[feed->reading].rows) {
		feed->at++;
		return OT_OK;
	}
	return next_batch(feed, err);
}

sqlite3_int64 feed_row_id(const struct feed *feed)
{
	return feed->batches[feed->reading].ids[feed->at];
}

const union ot_value *feed_value(const struct feed *feed, const struct column *column)
{
	unsigned value = column->kind == COLUMN_ORIGINS ? VALUE_ORIGINS : column->kind == COLUMN_RECORDS ? VALUE_RECORDS : (unsigned)column->field;
	const struct cell *cell = &feed->batches[feed->reading].cells[feed->at * feed->width + feed->places[value]];

	return cell->present ? &cell->value : NULL;
}
