#include <base/buf.h>
#include <base/digest.h>
#include <base/file.h>
#include <stdlib.h>
#include <tests/test.h>
#include <unistd.h>

static struct ot_str hex(struct ot_buf *buf, const uint8_t digest[OT_DIGEST_LEN])
{
	ot_buf_clear(buf);
	ot_buf_hex(buf, digest, OT_DIGEST_LEN);
	return ot_buf_str(buf);
}

/* FIPS 180-4's examples. */
static void sha256_is_the_standards(void)
{
	uint8_t digest[OT_DIGEST_LEN];
	struct ot_buf buf = { 0 };

	ot_sha256(OT_STR("abc"), digest);
	CHECK_STR(hex(&buf, digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	ot_sha256(OT_STR_NONE, digest);
	CHECK_STR(hex(&buf, digest), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	ot_buf_release(&buf);
}

/* RFC 4231, cases 1, 2 and 6. */
static void hmac_is_the_rfcs(void)
{
	char key[131], short_key[20];
	uint8_t digest[OT_DIGEST_LEN];
	struct ot_buf buf = { 0 };

	memset(short_key, 0x0b, sizeof(short_key));
	memset(key, 0xaa, sizeof(key));
	ot_hmac_sha256((struct ot_str){ short_key, sizeof(short_key) }, OT_STR("Hi There"), digest);
	CHECK_STR(hex(&buf, digest), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	ot_hmac_sha256(OT_STR("Jefe"), OT_STR("what do ya want for nothing?"), digest);
	CHECK_STR(hex(&buf, digest), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	ot_hmac_sha256((struct ot_str){ key, sizeof(key) },
	    OT_STR("Test Using Larger Than Block-Size Key - Hash Key First"), digest);
	CHECK_STR(hex(&buf, digest), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	ot_buf_release(&buf);
}

static void a_file_has_the_digest_of_its_bytes(void)
{
	char dir[] = "/tmp/onetrail-digest-XXXXXX", path[64];
	uint8_t of_file[OT_DIGEST_LEN], of_bytes[OT_DIGEST_LEN];
	struct ot_err err;
	uint64_t len = 0;
	struct ot_buf bytes = { 0 };

	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/f", dir);
	ot_buf_printf(&bytes, "%200000d", 1);
	CHECK_INT(ot_file_publish(path, bytes.data, bytes.len, 0600, &err), OT_OK);
	CHECK_INT(ot_sha256_file(path, of_file, &len, &err), OT_OK);
	ot_sha256(ot_buf_str(&bytes), of_bytes);
	CHECK(memcmp(of_file, of_bytes, OT_DIGEST_LEN) == 0);
	CHECK_INT(len, 200000);
	CHECK_INT(ot_sha256_file(path, of_file, NULL, &err), OT_OK);
	unlink(path);
	CHECK_INT(ot_sha256_file(path, of_file, &len, &err), OT_NOT_FOUND);
	CHECK_INT(ot_sha256_file(dir, of_file, &len, &err), OT_IO);
	rmdir(dir);
	ot_buf_release(&bytes);
}

static void random_bytes_differ(void)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };
	struct ot_err err;

	CHECK_INT(ot_random(a, sizeof(a), &err), OT_OK);
	CHECK_INT(ot_random(b, sizeof(b), &err), OT_OK);
	CHECK(memcmp(a, b, sizeof(a)) != 0);
	CHECK_INT(ot_random(a, 0, &err), OT_OK);
}

int main(void)
{
	RUN(sha256_is_the_standards);
	RUN(hmac_is_the_rfcs);
	RUN(a_file_has_the_digest_of_its_bytes);
	RUN(random_bytes_differ);
	return test_end();
}
