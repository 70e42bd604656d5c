// A server that speaks MySQL's protocol and says what a test wants: node mysql-server.js ADDRESS PORT FILE
//
// The packets are those of Debian's node-mysql, which writes as well as it reads them. FILE is read anew for each connection:
//
//	{ "version": "8.4.3", "plugin": "caching_sha2_password",
//	  "refuse": [1040, "08004", "Too many connections"],          instead of a greeting
//	  "deny": [1045, "28000", "Access denied"],                   after the login
//	  "answers": [["regular expression of the statement", { "columns": [["name", TYPE], ...], "rows": [["text", null], ...] }],
//	              ["another one", { "error": [1064, "42000", "You have an error"] }],
//	              ["a third one", { "silent": true }]] }          and nothing more; "cut": true ends the connection
//
// The first expression that fits counts; a statement that none fits is error 1064. Prints a line when ready, then each statement.
'use strict';
const fs = require('fs');
const net = require('net');
const protocol = 'mysql/lib/protocol';
const packets = require(protocol + '/packets');
const PacketWriter = require(protocol + '/PacketWriter');
const Parser = require(protocol + '/Parser');
const Client = require(protocol + '/constants/client');

const [address, port, file] = process.argv.slice(2);
const CAPABILITIES = Client.CLIENT_PROTOCOL_41 | Client.CLIENT_SECURE_CONNECTION | Client.CLIENT_LONG_PASSWORD | Client.CLIENT_TRANSACTIONS
	| Client.CLIENT_CONNECT_WITH_DB | Client.CLIENT_PLUGIN_AUTH;
const UTF8MB4 = 45, VAR_STRING = 253, COM_QUERY = 3, COM_QUIT = 1, FAST_AUTH_DONE = 3;

function serve(socket) {
	const script = JSON.parse(fs.readFileSync(file, 'utf8'));
	const parser = new Parser({ onPacket: take });
	let loggedIn = false;

	function send(packet) {
		const writer = new PacketWriter();
		packet.write(writer);
		socket.write(writer.toBuffer(parser));
	}
	function sendError([errno, sqlState, message]) {
		send(new packets.ErrorPacket({ errno, sqlStateMarker: '#', sqlState, message }));
	}
	const ok = () => send(new packets.OkPacket({ protocol41: true }));
	const eof = () => send(new packets.EofPacket({ warningCount: 0, serverStatus: 2, protocol41: true }));

	function greet() {
		send(new packets.HandshakeInitializationPacket({ protocolVersion: 10, serverVersion: script.version, threadId: 1,
			scrambleBuff1: Buffer.from('abcdefgh'), scrambleBuff2: Buffer.from('ijklmnopqrst'), serverCapabilities1: CAPABILITIES & 0xffff,
			serverCapabilities2: CAPABILITIES >>> 16, serverLanguage: UTF8MB4, serverStatus: 2, scrambleLength: 21, protocol41: true,
			pluginData: script.plugin || 'mysql_native_password' }));
	}
	function logIn() {
		loggedIn = true;
		if (script.deny) return sendError(script.deny);
		if (script.plugin === 'caching_sha2_password') send({ write: writer => { writer.writeUnsignedNumber(1, 1); writer.writeUnsignedNumber(1, FAST_AUTH_DONE) } });
		ok();
	}
	function sendTable({ columns, rows }) {
		send(new packets.ResultSetHeaderPacket({ fieldCount: columns.length }));
		for (const [name, type] of columns)
			send(new packets.FieldPacket({ catalog: 'def', name, charsetNr: UTF8MB4, length: 1024, type: type || VAR_STRING, protocol41: true }));
		eof();
		for (const row of rows) send({ write: writer => row.forEach(value => writer.writeLengthCodedString(value)) });
		eof();
	}
	function answer(statement) {
		console.log(statement);
		const [, found] = script.answers.find(([expression]) => new RegExp(expression, 'is').test(statement)) || [];
		if (!found) return sendError([1064, '42000', `You have an error in your SQL syntax near '${statement.slice(0, 40)}'`]);
		if (found.silent) return undefined;
		if (found.cut) return socket.destroy();
		return found.error ? sendError(found.error) : sendTable(found);
	}
	function take() {
		if (!loggedIn) logIn();
		else {
			const command = parser.parseUnsignedNumber(1);
			if (command === COM_QUIT) socket.end();
			else if (command === COM_QUERY) answer(parser.parsePacketTerminatedString());
			else ok();
		}
		parser.resetPacketNumber(); // each command begins anew
	}

	socket.on('error', () => {});
	socket.on('data', bytes => parser.write(bytes));
	if (script.refuse) { sendError(script.refuse); socket.end() } else greet();
}

net.createServer(serve).listen(Number(port), address, () => console.log('ready'));
