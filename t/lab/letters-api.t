# The letters of the failure catalogue that look alike from outside, and what the APIs of PowerDNS tell of each: the same table as
# letters.t, with settings of PowerDNS that are wrong. Of NOTIFY the catalogue has t1, t3 and t4: there is no t2.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Letters;
use DNSReplication::Run;
use POSIX 'strftime';
use Test::More;
needs('check_dns_replication');
needs('check_pdns_replication');

my @behind = ('', ('secondary_behind') x 4);
my @ns2_behind = ('', 'secondary_behind', '', '', '');
my @ns2_absent = ('', 'zone_refused', '', '', '');
my $first = qr/ns2\.\S+ 1 serial behind for (?:at least )?\d+s \(since/;
my $refused = qr/ns2\.\S+ answers REFUSED/;
my %follow = (mixed => 1, first => $first, settled => [3 .. 5]);

sub raised { my ($letter) = @_; $letter->{ns1}->util('increase-serial', $letter->{zone}) }

letter 'a', 'primary=no', mixed => 1, first => $first, says => \@behind,
	break => sub { my ($letter) = @_; $letter->{ns1}->configure(primary => 'no')->restart; raised($letter) },
	told => ['', ('secondary_behind:primary_disabled') x 4], told_advice => qr/on ns1\.ZONE: sed -i .*primary=yes.*systemctl restart pdns; then: pdns_control notify ZONE/,
	pdns => 'primary_disabled secondary_behind:primary_disabled soa_edit_api_unset';

letter 'b', 'the zone is Native', mixed => 1, first => $first, says => \@behind,
	break => sub { my ($letter) = @_; $letter->{ns1}->util('set-kind', $letter->{zone}, 'native'); raised($letter) },
	told => ['', ('secondary_behind:zone_kind_native') x 4], told_advice => qr/on ns1\.ZONE: pdnsutil set-kind ZONE primary && pdns_control notify ZONE/,
	pdns => 'secondary_behind:zone_kind_native zone_kind_native';

letter 'd', 'secondary=no', own => {}, %follow, says => \@ns2_behind,
	break => sub { my ($letter) = @_; $letter->{ns2}->configure(secondary => 'no')->restart; changed($letter) },
	told => ['', 'secondary_behind:secondary_disabled', '', '', ''], told_advice => qr/on ns2\.ZONE: sed -i .*secondary=yes/,
	pdns => 'secondary_behind:secondary_disabled secondary_disabled soa_edit_api_unset';

for my $story (
	['e', 'autosecondary=no', { autosecondary => 'no' }, undef, 'autosecondary_disabled', qr/sed -i .*autosecondary=yes.*pdnsutil add-autoprimary \S+ ns2\.ZONE.*pdns_control notify ZONE/],
	['f', 'no autoprimary', { autosecondary => 'yes' }, undef, 'autoprimary_missing', qr/on ns2\.ZONE: pdnsutil add-autoprimary \S+ ns2\.ZONE; then on ns1\.ZONE: pdns_control notify ZONE/],
	['g', 'an autoprimary with another address', { autosecondary => 'yes' }, ['198.51.100.250', 'ns2'], 'autoprimary_wrong_address', qr/pdnsutil add-autoprimary \S+ ns2\.ZONE/],
	['h', 'an autoprimary with another name', { autosecondary => 'yes' }, [undef, 'ns9'], 'autoprimary_wrong_name', qr/pdnsutil add-autoprimary \S+ ns2\.ZONE/],
	['h2', 'an autoprimary whose name has its final dot', { autosecondary => 'yes' }, [undef, 'ns2', '.'], 'autoprimary_wrong_name', qr/pdnsutil add-autoprimary \S+ ns2\.ZONE;/],
) {
	my ($name, $what, $settings, $row, $cause, $advice) = @$story;
	letter $name, $what, own => $settings, lacking => 1, unwell => 1, mixed => 1, first => $refused, says => \@ns2_absent,
		break => sub {
			my ($letter) = @_;
			$letter->{ns2}->util('add-autoprimary', $row->[0] // $letter->{at}[1], "$row->[1].$letter->{zone}" . ($row->[2] // ''), 'lab') if $row;
			$letter->{ns1}->control('notify', $letter->{zone});
		},
		told => ['', "zone_refused:$cause", '', '', ''], told_advice => $advice,
		pdns => join ' ', sort $cause, 'soa_edit_api_unset', "zone_missing_on_secondary:$cause";
}

letter 'o', 'a key that is not let in', own => {}, %follow, says => \@ns2_behind,
	break => sub {
		my ($letter) = @_;
		$letter->{ns2}->util('import-tsig-key', 'transfer.new', 'hmac-sha256', $SECRET{new});
		$letter->{ns2}->util('activate-tsig-key', $letter->{zone}, 'transfer.new', 'secondary');
		$letter->{ns2}->restart;
		changed($letter);
	},
	told => ['', 'secondary_behind:axfr_denied', '', '', ''], told_advice => qr/on ns1\.ZONE: pdnsutil activate-tsig-key ZONE transfer\.new primary; then on ns2\.ZONE: pdns_control retrieve ZONE/,
	pdns => 'axfr_denied secondary_behind:axfr_denied soa_edit_api_unset';

# All SOAs are equal, so nothing is wrong for DNS and no API is asked.
letter 'k', 'changed without a higher serial: no SOA shows it', state => 'OK', says => [('') x 5], first => qr/serial 10 on 5 of 5 servers/,
	break => sub { my ($letter) = @_; $letter->{ns1}->util('add-record', $letter->{zone}, 'www', 'A', '192.0.2.80'); $letter->{ns1}->control('notify', $letter->{zone}) },
	pdns => 'soa_edit_api_unset';

letter 'k2', 'changed by the API with SOA-EDIT-API unset: another SOA, the same serial', mixed => 1, state => 'WARNING',
	first => qr/serial 10.* other SOA fields differ|ns\d\.\S+ .*SOA/,
	break => sub { my ($letter) = @_; $letter->{ns1}->sql("UPDATE records SET content = replace(content, ' 600 ', ' 601 ') WHERE type = 'SOA'"); $letter->{ns1}->control('notify', $letter->{zone}) },
	says => ['', ('soa_differs') x 4], told => ['', ('soa_differs:soa_edit_api_unset') x 4],
	told_advice => qr/on ns1\.ZONE: pdnsutil set-meta ZONE SOA-EDIT-API DEFAULT && pdnsutil increase-serial ZONE && pdns_control notify ZONE/, pdns => 'soa_edit_api_unset';

# On Thursdays at midnight serials and signatures change: not while the test runs.
my $to_sunday_s = (time - (3 * 86400 + 43200)) % (7 * 86400);
letter 'p-soa', 'SOA-EDIT hides a change, of the SOA too: equal serials', mixed => 1, state => 'WARNING', primary => { clock => "-${to_sunday_s}s" },
	first => qr/has the same serial \d{8}01, but another SOA: refresh 600 instead of 601/,
	prepare => sub { my ($letter) = @_; $letter->{ns1}->util('secure-zone', $letter->{zone}); $letter->{ns1}->util('set-meta', $letter->{zone}, 'SOA-EDIT', 'INCEPTION-INCREMENT') },
	break => sub {
		my ($letter) = @_;
		$letter->{soa} = '601 60 3600 60';
		serial_becomes($letter, 11);
		$letter->{ns1}->control('notify', $letter->{zone});
	},
	says => ['', ('soa_differs') x 4], told => ['', ('soa_differs:soa_edit') x 4],
	told_advice => qr/on ns1\.ZONE: pdnsutil increase-serial ZONE && pdnsutil set-meta ZONE SOA-EDIT INCREMENT-WEEKS && pdns_control notify ZONE/,
	pdns => 'soa_edit soa_edit_api_unset',
	after => sub {
		my ($letter) = @_;
		$letter->{ns1}->util('increase-serial', $letter->{zone});
		$letter->{ns1}->util('set-meta', $letter->{zone}, 'SOA-EDIT', 'INCREMENT-WEEKS');
		$letter->{ns1}->control('notify', $letter->{zone});
		ok(serves(serial_at($letter->{at}[1], $letter->{zone}), $letter->{zone}, secondaries($letter)), 'p-soa: all follow');
		is_plugin_output(asked($letter), 'OK', 'p-soa: the advice helps');
	};

letter 'q-late', 'NOTIFY was not sent yet', mixed => 1, first => $first, says => \@behind, primary => { 'xfr-cycle-interval' => 3600 },
	break => sub { my ($letter) = @_; raised($letter) },
	told => ['', ('secondary_behind:notify_pending') x 4], told_advice => qr/on ns1\.ZONE: pdns_control notify ZONE/,
	pdns => 'notify_pending secondary_behind:notify_pending soa_edit_api_unset';

# As where databases are replicated: both have the change at once, and nobody tells anybody. PowerDNS renews what its query cache holds
# when it is asked for a transfer, granted or not, or compares serials after NOTIFY: without the API the diagnosis heals what it looks
# at, and where the API tells nobody asks for a transfer. NSID keeps the monitor's questions out of the packet cache.
sub both_have { my ($letter, $serial) = @_; serial_becomes($letter, $serial, $_) for $letter->{ns1}, $letter->{ns2} }
sub purged {
	my ($letter, $server) = @_;
	is_plugin_output(asked($letter, apis($letter, 'pdns-api')), $letter->{told_state} // 'CRITICAL', "$letter->{name}: asked again, nothing is healed by it");
	$server->control('purge', "$letter->{zone}\$");
	is_plugin_output(asked($letter, apis($letter, 'pdns-api')), 'OK', "$letter->{name}: the advice helps");
}
my %cached = ('cache-ttl' => 600, 'query-cache-ttl' => 600);
my %alone = (listed => [1, 2], mixed => 1, break => sub { my ($letter) = @_; both_have($letter, 11) }, pdns => 'notify_pending soa_edit_api_unset');

letter 'u-primary', "the primary's caches hide a change that a secondary has", %alone, own => {}, primary => { %cached, 'xfr-cycle-interval' => 3600 },
	says => ['', 'secondary_ahead', '', '', ''], first => qr/ns2\.\S+ 1 serial ahead of the primary/, again => sub { my ($letter) = @_; both_have($letter, 12) },
	told => ['(cache_stale)', 'secondary_ahead:cache_stale', '', '', ''], told_advice => qr/on ns1\.ZONE: pdns_control purge 'ZONE\$'/, told_state => 'WARNING',
	after => sub { my ($letter) = @_; purged($letter, $letter->{ns1}) };

letter 'u-secondary', "the secondary's caches hide a change", %alone, own => {%cached}, primary => { 'xfr-cycle-interval' => 3600 },
	says => \@ns2_behind, first => $first, again => sub { my ($letter) = @_; both_have($letter, 12); asked($letter, '--no-diagnose') },
	told => ['', '(cache_stale) secondary_behind:cache_stale', '', '', ''], told_advice => qr/on ns2\.ZONE: pdns_control purge 'ZONE\$'/,
	after => sub { my ($letter) = @_; purged($letter, $letter->{ns2}) };

# Held for longer than a cache may: by the server's clock, which stands still, no time passes.
sub clock_stops {
	my ($letter) = @_;
	$letter->{ns2}->clock(strftime('%Y-%m-%d %H:%M:%S', localtime));
	serial_at($letter->{at}[2], $letter->{zone});
	both_have($letter, 11);
}
sub outlived {
	my ($letter) = @_;
	my ($seen, $cached);
	ok(wait_until(30, sub {
		$seen = asked($letter, apis($letter, 'pdns-api'));
		($cached) = grep { $_->{code} eq 'cache_stale' } findings(decode(slurp("/mnt/$letter->{name}.json")));
		return $cached;
	}), "$letter->{name}: then it is a WARNING of its own") or return tell_run($seen);
	is("$cached->{severity} $cached->{server}", "WARNING ns2.$letter->{zone}.", '... of who holds it');
	cmp_ok($cached->{amount}, '>', 2, '... after cache-ttl and query-cache-ttl, which its API tells');
	like($seen->{out}, qr/^\[WARNING\] \S+ ns2\.\S+ \(\S+\) \[NSID [^\]]+\]: answers with serial 11 from a cache and has 12 already \(its API says so\); it does so for at least \S+ \(since \S+\), which is longer than its caches should hold it \(2s: cache-ttl, query-cache-ttl and zone-cache-refresh-interval\) → on ns2\.\S+: pdns_control purge/m, '... with since when and how long it may be') or tell_run($seen);
	$letter->{ns2}->clock('+0s');
	ok(wait_until(30, sub { !asked($letter, apis($letter, 'pdns-api'))->{exit} }), "$letter->{name}: time passes again, and the cache is gone");
}

letter 'u-frozen', "the secondary's caches hide a change for longer than they may", %alone, own => { clock => '+0s', 'cache-ttl' => 1, 'query-cache-ttl' => 1 }, primary => { 'xfr-cycle-interval' => 3600 },
	break => sub { my ($letter) = @_; clock_stops($letter) }, again => sub { my ($letter) = @_; both_have($letter, 12); asked($letter, '--no-diagnose') },
	says => \@ns2_behind, first => $first, told => ['', qr/^\(?cache_stale\)? secondary_behind:cache_stale$/, '', '', ''], told_advice => qr/on ns2\.ZONE: pdns_control purge 'ZONE\$'/,
	after => sub { my ($letter) = @_; outlived($letter) };

letter 't1', 'allow-notify-from', own => {}, %follow, says => \@ns2_behind,
	break => sub { my ($letter) = @_; $letter->{ns2}->configure('allow-notify-from' => '198.51.100.250')->restart; changed($letter) },
	told => ['', 'secondary_behind:notify_rejected', '', '', ''], told_advice => qr/on ns2\.ZONE: sed -i .*allow-notify-from=198\.51\.100\.250,/,
	pdns => 'notify_rejected secondary_behind:notify_rejected soa_edit_api_unset';

letter 't3', 'allow-unsigned-notify=no', own => {}, %follow, says => \@ns2_behind,
	break => sub { my ($letter) = @_; $letter->{ns2}->configure('allow-unsigned-notify' => 'no')->restart; changed($letter) },
	told => ['', 'secondary_behind:notify_rejected', '', '', ''], told_advice => qr/on ns2\.ZONE: sed -i .*allow-unsigned-notify=yes/,
	pdns => 'notify_rejected secondary_behind:notify_rejected soa_edit_api_unset';

letter 't4', 'another primary', own => {}, %follow, says => \@ns2_behind,
	break => sub { my ($letter) = @_; $letter->{ns2}->util('change-secondary-zone-primary', $letter->{zone}, '198.51.100.250'); $letter->{ns2}->restart; changed($letter) },
	told => ['', 'secondary_behind:notify_rejected', '', '', ''],
	told_advice => qr/on ns2\.ZONE: pdnsutil change-secondary-zone-primary ZONE \S+ && pdns_control retrieve ZONE/,
	pdns => 'notify_rejected secondary_behind:notify_rejected soa_edit_api_unset';

# A catalog zone beside the zone: of kind Producer at ns1, Consumer at a ns2 that gets its members by it alone, and nothing else.
sub catalog_of { my ($letter) = @_; return "catalog.$letter->{zone}" }
sub catalog { return (own => {}, primary => { 'xfr-cycle-interval' => 2 }, lacking => 1, unwell => 1, mixed => 1, first => $refused, says => \@ns2_absent,
	prepare => sub {
		my ($letter) = @_;
		my $catalog = catalog_of($letter);
		$letter->{ns1}->util(@$_) for ['create-zone', $catalog, "ns1.$letter->{zone}"], ['set-kind', $catalog, 'producer'], ['set-catalog', $letter->{zone}, $catalog],
			['set-meta', $catalog, 'ALSO-NOTIFY', $letter->{at}[2]];
		$letter->{own}{told} = [['create-secondary-zone', $catalog, $letter->{at}[1]], ['set-kind', $catalog, 'consumer']];
	}) }

# A Producer has the serial 0 until its server's next cycle has looked at the members, and notified_serial stays 0 even then. Once
# both serve the same other serial nothing comes by itself any more; another NOTIFY has the Consumer compare serials, no more.
sub is_settled {
	my ($letter, $member) = @_;
	my ($there, $here) = map { serial_at($letter->{at}[$_], catalog_of($letter)) // 0 } 1, 2;
	return $there && $there == $here && (serial_at($letter->{at}[2], $letter->{zone}) // 0) == $member;
}
sub catalog_settles {
	my ($letter, $member, $what) = @_;
	return ok(wait_until(60, sub {
		return 1 if wait_until(3, sub { is_settled($letter, $member) });
		$letter->{ns1}->control('notify', catalog_of($letter));
		return 0;
	}), "$letter->{name}: $what");
}
sub member_arrives { my ($letter) = @_; return catalog_settles($letter, 10, 'the member comes by its catalog') }

# What check_pdns_replication says of a catalog and its members.
sub catalog_says {
	my ($letter, $expected, @more) = @_;
	my $seen = check_json({ program => 'check_pdns_replication' }, apis($letter, 'url'), '--catalog=' . catalog_of($letter), @more);
	my @said = map { "$_->{code} $_->{server} -> $_->{advice}" } grep { $_->{code} =~ /catalog|missing|extra/ } findings($seen->{json});
	return like("@said", $expected, "$letter->{name}: check_pdns_replication --catalog @more") || (diag($seen->{out}), 0)[1];
}

letter 'v', 'a member of a catalog that its consumer lost', catalog(),
	break => sub { my ($letter) = @_; member_arrives($letter); catalog_says($letter, qr/^$/); $letter->{ns2}->util('delete-zone', $letter->{zone}) },
	told => ['', 'zone_refused:catalog_member_missing', '', '', ''], told_advice => qr/on ns2\.ZONE: pdns_control retrieve catalog\.ZONE; or, for this zone alone/,
	pdns => 'catalog_member_missing soa_edit_api_unset',
	after => sub {
		my ($letter) = @_;
		catalog_says($letter, qr/^catalog_member_missing ns2\.v\.test\. -> on ns2\.v\.test: pdns_control retrieve catalog\.v\.test$/);
		$letter->{ns2}->control('retrieve', catalog_of($letter));
		ok(serves(10, $letter->{zone}, $letter->{at}[2]), 'v: the member is back');
		is_plugin_output(asked($letter), 'OK', 'v: the advice helps');
	};

letter 'v-removed', 'removed from its catalog, and its NS record not', catalog(),
	break => sub {
		my ($letter) = @_;
		member_arrives($letter);
		$letter->{ns1}->util('set-catalog', $letter->{zone}, '');
		catalog_settles($letter, 0, 'the consumer removes it');
	},
	told => ['', 'zone_refused:autosecondary_disabled', '', '', ''], told_advice => qr/pdnsutil create-secondary-zone ZONE/,
	pdns => 'autosecondary_disabled soa_edit_api_unset zone_missing_on_secondary:autosecondary_disabled';

letter 'v-extra', 'removed from its catalog, and still at a consumer that the catalog does not reach', catalog(), state => 'OK', says => [('') x 5], first => qr/serial 10 on 5 of 5 servers/,
	break => sub {
		my ($letter) = @_;
		member_arrives($letter);
		$letter->{ns1}->configure('allow-axfr-ips' => '127.0.0.1')->restart;
		$letter->{ns1}->util('set-catalog', $letter->{zone}, '');
	},
	pdns => 'soa_edit_api_unset',
	after => sub {
		my ($letter) = @_;
		catalog_says($letter, qr/^catalog_member_extra ns2\.v-extra\.test\. -> on ns2\.v-extra\.test: pdns_control retrieve catalog\.v-extra\.test; if it stays: pdnsutil delete-zone v-extra\.test$/, '--inspect', $letter->{zone});
	};

letter 'v-kind', 'the consumer has the catalog as a plain secondary zone', catalog(),
	break => sub {
		my ($letter) = @_;
		member_arrives($letter);
		$letter->{ns2}->util('set-kind', catalog_of($letter), 'secondary');
		$letter->{ns2}->util('delete-zone', $letter->{zone});
	},
	told => ['', 'zone_refused:catalog_member_missing', '', '', ''], pdns => 'catalog_member_missing soa_edit_api_unset',
	after => sub {
		my ($letter) = @_;
		catalog_says($letter, qr/catalog_member_missing ns2\.v-kind\.test\. -> on ns2\.v-kind\.test: pdnsutil set-kind catalog\.v-kind\.test consumer && pdns_control retrieve catalog\.v-kind\.test/);
	};

play();
done_testing;
