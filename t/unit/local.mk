# One stanza per test program, kept in the order of the floors. Each room's tests have a fragment of their own: t/unit/ROOM.mk.
include t/unit/base.mk
include t/unit/dns.mk
include t/unit/model.mk
include t/unit/judge.mk
include t/unit/report.mk
include t/unit/net.mk
include t/unit/probe.mk
include t/unit/engine.mk
include t/unit/checks.mk
