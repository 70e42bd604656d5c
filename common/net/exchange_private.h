/*
 * The inside of the exchange: exchange_flight.c decides what becomes of a question, exchange_udp.c
 * and exchange_tcp.c bring it there, exchange_breaker.c knows when a server is dead. exchange.c is
 * what others see, and the round of a server. Only those five include this.
 *
 * A question in flight is a slot of its server's query_tracker and the flight of the same index.
 * It ends in flight_answered() or flight_failed(), the only places that call the source's
 * answered(); nothing there sends or asks for more, so a handler's view of its server stays true.
 * What has to follow is done when the handler calls exchange_settle() as its last act.
 */
#ifndef COMMON_NET_EXCHANGE_PRIVATE_H
#define COMMON_NET_EXCHANGE_PRIVATE_H

#include "common/net/exchange.h"
#include "common/net/query_tracker.h"
#include "common/net/stream.h"

enum {
	TCP_CONNECTIONS = 2, /* to one server */
	TCP_PIPELINE = 16, /* questions on one connection that has answered before; until then 1 */
	RANDOM_POOL = 128, /* ids fetched at once */
	QUESTION_ROOM = MESSAGE_QUESTION + TSIG_ROOM,
};

/* Slots in the order in which they came. */
struct slot_list {
	unsigned count;
	uint16_t slots[TRACKER_WINDOW];
};

void slot_list_add(struct slot_list *list, uint16_t slot);
/* False: it was not there. */
bool slot_list_remove(struct slot_list *list, uint16_t slot);

struct server;

struct connection {
	struct server *server;
	struct stream *stream;
	struct slot_list in_flight;
	uint64_t answers;
	unsigned strays; /* answers that may still come, though nobody waits for them any more */
	bool connected;
	bool retired; /* takes no more questions; closed when nothing is in flight */
};

struct flight {
	struct ask ask;
	uint8_t tries; /* datagrams and connections */
	bool udp_over, tcp_begun, tcp_over;
	bool barred_once; /* an ICMP error came, and one more try is made to be sure */
	enum outcome udp_outcome, tcp_outcome; /* valid when over */
	enum outcome bad; /* MALFORMED, TSIG_FAILED: came in this try, counts if nothing better
	                     comes; else NOT_ASKED */
	uint16_t tsig_error;
	int64_t tcp_since_us;      /* waiting for a connection, or on it */
	struct tsig_chain *chains; /* by try, the last one for TCP; kept for the slot's next
	                              question */
	uint8_t *held;             /* TCP's answer, while UDP has tries left */
	size_t held_length;
	uint32_t held_round_trip_us;
};

enum breaker_state { BREAKER_CLOSED, BREAKER_TESTING, BREAKER_OPEN };

struct breaker {
	enum breaker_state state;
	bool heard;            /* a message came: nothing more to find out */
	unsigned failures;     /* questions that ended unanswered */
	uint16_t test;         /* the slot that decides; TRACKER_NONE: the next one begun */
	int64_t due_us;        /* when the test is over; TRACKER_NEVER */
	struct slot_list held; /* their first try is over; they wait for the test */
	struct reply verdict;  /* how all questions end; valid where OPEN */
};

/* The server's questions come from this source port. */
struct udp_port {
	struct server *server;
	int fd; /* -1: not open */
	struct loop_watch *watch;
	bool buffer_known;
	uint64_t sent;
	int64_t retired_us; /* since when answers are only still taken */
};

struct server {
	struct exchange *exchange;
	struct address address;
	uint32_t index;
	struct query_tracker tracker;
	struct flight *flights; /* tracker.capacity */
	unsigned flight_capacity;
	struct slot_list unsent; /* datagrams to be sent */
	struct slot_list again;  /* to be sent once more, as soon as the rate lets them */
	struct breaker breaker;
	struct udp_port ports[2];    /* the one in use, and the one before it */
	unsigned port;               /* which of them is in use */
	bool blocked;                /* the system takes no more datagrams now */
	enum outcome closed_because; /* no socket can be had for it: NO_ROUTE, UNREACHABLE,
	                                NOT_ASKED (our own trouble); ANSWERED: not so */
	uint64_t udp_answers, udp_silences;
	struct slot_list tcp_waiting;
	struct connection *connections[TCP_CONNECTIONS];
	unsigned connections_most, pipeline_most;
	int64_t tcp_progress_us; /* the last answer by TCP */
	struct loop_timer *timer;
	int64_t timer_due_us; /* TRACKER_NEVER: not set */
	bool exhausted;       /* its source has no more for now */
	bool touched;
	struct server *next_touched;
};

struct exchange {
	struct loop *loop;
	struct exchange_settings settings;
	struct exchange_source source;
	struct exchange_counts counts;
	struct server *servers;
	size_t server_count;
	unsigned tries;
	size_t in_flight, hungry; /* questions; servers that are not exhausted */
	struct server *touched;
	struct udp_batch *batch;
	struct question_templates templates;
	struct loop_timer *deadline;
	bool running; /* in the loop: a stop that comes too early would end the next one's run */
	bool over;    /* the deadline has come: nothing is sent any more */
	bool troubled;
	struct fault trouble; /* the first one of our own */
	uint16_t random[RANDOM_POOL];
	unsigned random_left;
};

/* exchange.c */
void exchange_touch(struct server *server);
void exchange_settle(struct exchange *exchange);
void exchange_trouble(struct server *server, int error);

/* exchange_flight.c */
void flight_begin(struct server *server, const struct ask *ask, int64_t now_us);
/* The deadline. */
void flight_cut(struct server *server, uint16_t slot);
/* A datagram or a TCP question goes out. */
void flight_counted(struct server *server, uint16_t slot);
/* Writes the question with this id, signed where it has a key; `chain_index` is the try or, for
 * TCP, exchange->tries. */
size_t flight_question(struct server *server, uint16_t slot, uint16_t id, unsigned chain_index,
	uint8_t out[QUESTION_ROOM]);
/* ANSWERED where the message is signed as it should be; else TSIG_FAILED, and flight->tsig_error.
 */
enum outcome flight_verify(struct flight *flight, unsigned chain_index,
	const struct message *message);
void flight_udp_over(struct server *server, uint16_t slot, enum outcome outcome);
void flight_tcp_over(struct server *server, uint16_t slot, enum outcome outcome);
void flight_udp_answered(struct server *server, uint16_t slot, unsigned try,
	const struct message *message, int64_t now_us);
/* A plain answer, whole (ask.plain). */
void flight_udp_plain(struct server *server, uint16_t slot, unsigned try,
	const struct soa_answer *answer, int64_t now_us);
void flight_tcp_answered(struct server *server, uint16_t slot, const struct message *message,
	int64_t now_us);

/* Ends the question as this reply says. */
void flight_give_up(struct server *server, uint16_t slot, const struct reply *verdict);

/* exchange_breaker.c */
/* May another question begin? */
bool breaker_admits(struct server *server);
void breaker_begun(struct server *server, uint16_t slot, int64_t now_us);
/* A try is over: true where the question has to wait for the test, which then goes on. */
bool breaker_holds(struct server *server, uint16_t slot, int64_t now_us);
/* A message came from the server, good or bad. */
void breaker_heard(struct server *server);
/* The question ends unanswered. */
void breaker_failed(struct server *server, uint16_t slot, const struct reply *reply);
void breaker_expire(struct server *server, int64_t now_us);
/* What has to follow: those held go on, or all end. */
void breaker_settle(struct server *server, int64_t now_us);

/* exchange_udp.c */
void udp_flush(struct server *server);
/* The time of a question's try is over. */
void udp_try_over(struct server *server, uint16_t slot, int64_t now_us);
/* Tries whose time is over. */
void udp_expire(struct server *server, int64_t now_us);
void udp_close(struct server *server);
void udp_batch_free(struct udp_batch *batch);

/* exchange_tcp.c */
void tcp_begin(struct server *server, uint16_t slot, int64_t now_us);
/* Gives waiting questions to connections, closes those that are done. */
void tcp_pump(struct server *server, int64_t now_us);
void tcp_expire(struct server *server, int64_t now_us);
int64_t tcp_next_us(const struct server *server);
/* The question is no more: an answer to it by TCP is nobody's. */
void tcp_forget(struct server *server, uint16_t slot);
void tcp_close(struct server *server);

#endif
