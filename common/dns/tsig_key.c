/* Key files, in BIND's syntax. No fault here shows a word of the file: it could be the secret. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

#include "common/dns/tsig.h"
#include "common/dns/tsig_algorithm.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_SEMICOLON, TOKEN_BROKEN };

struct token {
	enum token_kind kind;
	const char *bytes; /* of a word, without quotes */
	size_t length;
};

struct key_reader {
	const char *at, *end;
	unsigned line;
	struct fault *fault;
	struct token token; /* the last one read */
};

/* What was read so far. */
struct key_parts {
	bool has_algorithm, has_secret;
};

static bool complain(struct key_reader *reader, const char *reason)
{
	/* A broken token has said what it is already. */
	if (reader->token.kind == TOKEN_BROKEN)
		return false;
	return fault_set(reader->fault, "line %u: %s", reader->line, reason);
}

static bool break_token(struct key_reader *reader, const char *reason)
{
	complain(reader, reason);
	reader->token.kind = TOKEN_BROKEN;
	return false;
}

static bool looking_at(const struct key_reader *reader, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(reader->end - reader->at) >= length && !memcmp(reader->at, text, length);
}

static bool skip_c_comment(struct key_reader *reader)
{
	unsigned begin = reader->line;

	for (reader->at += 2; reader->at < reader->end; reader->at++) {
		if (looking_at(reader, "*/")) {
			reader->at += 2;
			return true;
		}
		reader->line += *reader->at == '\n';
	}
	reader->line = begin;
	return break_token(reader, "a comment that does not end");
}

static bool is_space(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Blanks and comments. */
static bool skip_blanks(struct key_reader *reader)
{
	while (reader->at < reader->end) {
		if (looking_at(reader, "/*")) {
			if (!skip_c_comment(reader))
				return false;
		} else if (*reader->at == '#' || looking_at(reader, "//")) {
			while (reader->at < reader->end && *reader->at != '\n')
				reader->at++;
		} else if (is_space(*reader->at)) {
			reader->line += *reader->at++ == '\n';
		} else {
			break;
		}
	}
	return true;
}

static bool read_quoted(struct key_reader *reader)
{
	const char *begin = ++reader->at;

	while (reader->at < reader->end && *reader->at != '"') {
		if ((unsigned char)*reader->at++ < ' ')
			return break_token(reader, "a string that does not end in its line");
	}
	if (reader->at == reader->end)
		return break_token(reader, "a string that does not end");
	reader->token = (struct token){ TOKEN_WORD, begin, (size_t)(reader->at++ - begin) };
	return true;
}

static bool read_word(struct key_reader *reader)
{
	const char *begin = reader->at;

	while (reader->at < reader->end && !is_space(*reader->at) &&
		!strchr("{};\"", *reader->at)) {
		if ((unsigned char)*reader->at++ < ' ')
			return break_token(reader, "a byte that is no text");
	}
	reader->token = (struct token){ TOKEN_WORD, begin, (size_t)(reader->at - begin) };
	return true;
}

/* False: broken. */
static bool next_token(struct key_reader *reader)
{
	reader->token = (struct token){ .kind = TOKEN_END };
	if (!skip_blanks(reader))
		return false;
	if (reader->at == reader->end)
		return true;
	switch (*reader->at) {
	case '"':
		return read_quoted(reader);
	case '{':
		reader->token.kind = TOKEN_OPEN;
		break;
	case '}':
		reader->token.kind = TOKEN_CLOSE;
		break;
	case ';':
		reader->token.kind = TOKEN_SEMICOLON;
		break;
	case '\0': /* strchr() would find it */
		return break_token(reader, "a byte that is no text");
	default:
		return read_word(reader);
	}
	reader->at++;
	return true;
}

static bool expect(struct key_reader *reader, enum token_kind kind, const char *reason)
{
	next_token(reader);
	return reader->token.kind == kind || complain(reader, reason);
}

static bool is_word(const struct key_reader *reader, const char *word)
{
	return reader->token.kind == TOKEN_WORD && reader->token.length == strlen(word) &&
		!strncasecmp(reader->token.bytes, word, reader->token.length);
}

static bool read_name(struct key_reader *reader, struct tsig_key *key)
{
	char text[NAME_TEXT];
	struct fault reason = { 0 };

	if (!expect(reader, TOKEN_WORD, "the key's name is missing"))
		return false;
	if (reader->token.length >= sizeof(text))
		return complain(reader, "the key's name is too long");
	memcpy(text, reader->token.bytes, reader->token.length);
	text[reader->token.length] = '\0';
	if (!name_from_text(text, key->name, &reason))
		return fault_set(reader->fault, "line %u: the key's name: %s", reader->line,
			reason.text);
	name_lower(key->name);
	return true;
}

static bool read_algorithm(struct key_reader *reader, struct tsig_key *key)
{
	const struct tsig_algorithm *algorithm;

	if (!expect(reader, TOKEN_WORD, "the algorithm is missing"))
		return false;
	algorithm = tsig_algorithm_by_text(reader->token.bytes, reader->token.length);
	if (!algorithm)
		return complain(reader,
			"an unknown algorithm (known: hmac-md5, hmac-sha1, hmac-sha224, "
			"hmac-sha256, hmac-sha384, hmac-sha512)");
	memcpy(key->algorithm, algorithm->name, name_length(algorithm->name));
	return true;
}

/* RFC 4648 4: whole groups of four, '=' only where the last one is short. */
static bool is_base64(const char *text, size_t length, size_t *padding)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (*padding = 0; *padding < 2 && length > *padding && text[length - 1 - *padding] == '=';)
		++*padding;
	for (size_t i = 0; i < length - *padding; i++) {
		if (!memchr(alphabet, text[i], sizeof(alphabet) - 1))
			return false;
	}
	return length && length % 4 == 0;
}

static bool read_secret(struct key_reader *reader, struct tsig_key *key)
{
	uint8_t bytes[TSIG_SECRET + 3];
	size_t padding, length;

	if (!expect(reader, TOKEN_WORD, "the secret is missing"))
		return false;
	length = reader->token.length;
	if (!is_base64(reader->token.bytes, length, &padding))
		return complain(reader, "the secret is no base64");
	if (length / 4 * 3 - padding > TSIG_SECRET)
		return complain(reader, "the secret is over 512 bytes");
	EVP_DecodeBlock(bytes, (const unsigned char *)reader->token.bytes, (int)length);
	key->secret_length = length / 4 * 3 - padding;
	memcpy(key->secret, bytes, key->secret_length);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return true;
}

static bool read_clause(struct key_reader *reader, struct tsig_key *key, struct key_parts *parts)
{
	if (is_word(reader, "algorithm")) {
		if (parts->has_algorithm)
			return complain(reader, "a second algorithm");
		parts->has_algorithm = true;
		if (!read_algorithm(reader, key))
			return false;
	} else if (is_word(reader, "secret")) {
		if (parts->has_secret)
			return complain(reader, "a second secret");
		parts->has_secret = true;
		if (!read_secret(reader, key))
			return false;
	} else {
		return complain(reader, "expected algorithm, secret or }");
	}
	return expect(reader, TOKEN_SEMICOLON, "expected ; (is a quote missing?)");
}

static bool read_key(struct key_reader *reader, struct tsig_key *key)
{
	struct key_parts parts = { 0 };

	next_token(reader);
	if (reader->token.kind == TOKEN_END)
		return complain(reader, "no key");
	if (!is_word(reader, "key"))
		return complain(reader,
			"expected key \"NAME\" { algorithm NAME; secret \"BASE64\"; };");
	if (!read_name(reader, key) || !expect(reader, TOKEN_OPEN, "expected {"))
		return false;
	while (next_token(reader), reader->token.kind != TOKEN_CLOSE) {
		if (!read_clause(reader, key, &parts))
			return false;
	}
	if (!parts.has_algorithm)
		return complain(reader, "the key has no algorithm");
	if (!parts.has_secret)
		return complain(reader, "the key has no secret");
	return expect(reader, TOKEN_SEMICOLON, "expected ; behind the key");
}

/* Past what stands between two keys; a comment that does not end is the next key's trouble. */
static const char *next_of(const struct key_reader *reader)
{
	struct fault ignored = { 0 };
	struct key_reader ahead = *reader;

	ahead.fault = &ignored;
	return skip_blanks(&ahead) ? ahead.at : reader->at;
}

bool tsig_key_parse_next(const char *content, size_t length, size_t *at, struct tsig_key *key,
	struct fault *fault)
{
	struct key_reader reader = { .at = content + *at,
		.end = content + length,
		.line = 1,
		.fault = fault };

	for (size_t i = 0; i < *at; i++)
		reader.line += content[i] == '\n';
	memset(key, 0, sizeof(*key));
	if (read_key(&reader, key)) {
		*at = (size_t)(next_of(&reader) - content);
		return true;
	}
	OPENSSL_cleanse(key, sizeof(*key));
	return false;
}

bool tsig_key_parse(const char *content, size_t length, struct tsig_key *key, struct fault *fault)
{
	size_t at = 0;

	return tsig_key_parse_next(content, length, &at, key, fault);
}
