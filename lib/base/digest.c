/* The low-level calls need no allocation and no lookup a message, which for the keys in log lines is most of the cost. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <base/digest.h>

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { HMAC_BLOCK = SHA256_CBLOCK, FILE_CHUNK = 1 << 16 };

static void sha256_add(SHA256_CTX *sha, struct ot_str bytes)
{
	if (bytes.len > 0)
		SHA256_Update(sha, bytes.ptr, bytes.len);
}

void ot_sha256(struct ot_str bytes, uint8_t out[OT_DIGEST_LEN])
{
	SHA256_CTX sha;

	SHA256_Init(&sha);
	sha256_add(&sha, bytes);
	SHA256_Final(out, &sha);
}

/* Starts a hash with the key, each byte of its block changed by `pad`. */
static void hmac_start(SHA256_CTX *sha, const uint8_t key[HMAC_BLOCK], uint8_t pad)
{
	uint8_t block[HMAC_BLOCK];

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = key[i] ^ pad;
	SHA256_Init(sha);
	SHA256_Update(sha, block, sizeof(block));
	OPENSSL_cleanse(block, sizeof(block));
}

void ot_hmac_sha256(struct ot_str key, struct ot_str bytes, uint8_t out[OT_DIGEST_LEN])
{
	uint8_t block[HMAC_BLOCK] = { 0 }, inner[OT_DIGEST_LEN];
	SHA256_CTX sha;

	if (key.len > sizeof(block))
		ot_sha256(key, block);
	else if (key.len > 0)
		memcpy(block, key.ptr, key.len);
	hmac_start(&sha, block, 0x36);
	sha256_add(&sha, bytes);
	SHA256_Final(inner, &sha);
	hmac_start(&sha, block, 0x5c);
	SHA256_Update(&sha, inner, sizeof(inner));
	SHA256_Final(out, &sha);
	OPENSSL_cleanse(block, sizeof(block));
	OPENSSL_cleanse(&sha, sizeof(sha));
}

enum ot_status ot_sha256_file(const char *path, uint8_t out[OT_DIGEST_LEN], uint64_t *bytes, struct ot_err *err)
{
	uint8_t chunk[FILE_CHUNK];
	uint64_t total = 0;
	SHA256_CTX sha;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ot_err_errno(err, "cannot open %s", path);
	SHA256_Init(&sha);
	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			ot_err_errno(err, "cannot read %s at offset %llu", path, (unsigned long long)total);
			close(fd);
			return OT_IO;
		}
		SHA256_Update(&sha, chunk, (size_t)got);
		total += (uint64_t)got;
	}
	close(fd);
	SHA256_Final(out, &sha);
	if (bytes != NULL)
		*bytes = total;
	return OT_OK;
}

enum ot_status ot_random(void *bytes, size_t len, struct ot_err *err)
{
	uint8_t *at = bytes;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ot_err_errno(err, "cannot get random bytes");
		at += got;
		len -= (size_t)got;
	}
	return OT_OK;
}
