// A person with an XMPP client: does what the lines on standard input say, and tells everything
// that comes. Arguments: service, domain, user, password, resource. JSON lines both ways.
//
//   in   {"do": "message", "to", "body", "type", "id", "subject", "thread", "lang",
//         "receipt": true, "markable": true}
//        {"do": "answer", "to", "id", "with": "received" | "displayed"}
//        {"do": "presence", "to", "type", "show", "status", "priority"}
//        {"do": "join" | "leave", "room", "nick"}   a new room is opened as it is
//        {"do": "receipts", "on": false}            asked-for receipts are not answered any more
//        {"do": "carbons"}, {"do": "write", "xml"}, {"do": "cut"}, {"do": "stop"}
//   out  {"is": "online", "jid"}, {"is": "message" | "presence" | "iq", ...}, {"is": "error"}
import readline from 'node:readline';
import { client, xml } from '@xmpp/client';

const RECEIPTS = 'urn:xmpp:receipts';
const MARKERS = 'urn:xmpp:chat-markers:0';
const MUC = 'http://jabber.org/protocol/muc';

const [service, domain, username, password, resource] = process.argv.slice(2);
const say = (is, fields = {}) => console.log(JSON.stringify({ is, ...fields }));
// PLAIN, inside TLS: its SCRAM is JavaScript, and takes seconds on a busy machine.
const credentials = (authenticate) => authenticate({ username, password }, 'PLAIN');
// Milliseconds; its own two seconds are too few for a server that is only just starting.
const timeout = 10_000;
const person = client({ service, domain, username, credentials, resource, timeout });
// Its stream management forgets what comes together with <enabled/>, and a server ends the stream
// of a client that acknowledges less than it did before: so it is not shown that there is any.
person.prependListener('element', (features) => {
  if (!features.is('features', 'http://etherx.jabber.org/streams')) return;
  features.children = features.children.filter((one) => one.name !== 'sm');
});
let answersReceipts = true;
let requests = 0;

const text = (value, name, attributes = {}) => (value === undefined ? null
  : xml(name, attributes, String(value)));

const commands = {
  message: ({ to, type = 'chat', id, lang, body, subject, thread, receipt, markable }) =>
    person.send(xml('message', { to, type, id, 'xml:lang': lang },
      text(body, 'body'), text(subject, 'subject'), text(thread, 'thread'),
      receipt && xml('request', { xmlns: RECEIPTS }),
      markable && xml('markable', { xmlns: MARKERS }))),
  answer: ({ to, id, with: name }) => person.send(xml('message', { to, type: 'chat' },
    xml(name, { xmlns: name === 'received' ? RECEIPTS : MARKERS, id }))),
  presence: ({ to, type, show, status, priority }) => person.send(xml('presence', { to, type },
    text(show, 'show'), text(status, 'status'), text(priority, 'priority'))),
  join: ({ room, nick }) => person.send(xml('presence', { to: `${room}/${nick}` },
    xml('x', { xmlns: MUC }))),
  leave: ({ room, nick }) => person.send(xml('presence', { to: `${room}/${nick}`,
    type: 'unavailable' })),
  receipts: ({ on }) => { answersReceipts = on; },
  carbons: () => request({}, xml('enable', { xmlns: 'urn:xmpp:carbons:2' })),
  write: ({ xml: octets }) => person.write(octets),
  cut: () => person.socket.socket.destroy(),
  stop: () => person.stop().finally(() => process.exit(0)),
};

function request(attributes, child) {
  requests += 1;
  return person.send(xml('iq', { type: 'set', id: `request-${requests}`, ...attributes }, child));
}

// Both are what a client does by itself.
function answerReceipt(stanza) {
  const { from, id, type } = stanza.attrs;
  if (answersReceipts && type !== 'error' && stanza.getChild('request', RECEIPTS)) {
    commands.answer({ to: from, id, with: 'received' });
  }
}

function openNewRoom(stanza) {
  const statuses = stanza.getChild('x', `${MUC}#user`)?.getChildren('status') ?? [];
  if (!statuses.some((status) => status.attrs.code === '201')) return;
  request({ to: stanza.attrs.from.split('/')[0] },
    xml('query', { xmlns: `${MUC}#owner` }, xml('x', { xmlns: 'jabber:x:data', type: 'submit' })));
}

person.on('stanza', (stanza) => {
  const { from, to, type, id, 'xml:lang': lang } = stanza.attrs;
  const child = (name) => stanza.getChildText(name);
  say(stanza.name, { from, to, type, id, lang, body: child('body'), subject: child('subject'),
    thread: child('thread'), has: stanza.getChildElements().map((one) => one.name),
    xml: stanza.toString() });
  if (stanza.name === 'message') answerReceipt(stanza);
  if (stanza.name === 'presence') openNewRoom(stanza);
});
person.on('online', async (jid) => {
  await person.send(xml('presence'));
  say('online', { jid: jid.toString() });
});
person.on('error', (problem) => say('error', { text: String(problem) }));

const input = readline.createInterface({ input: process.stdin });
input.on('line', async (line) => {
  const command = JSON.parse(line);
  try {
    await commands[command.do](command);
  } catch (problem) {
    say('error', { text: `${command.do}: ${problem}` });
  }
});
input.on('close', () => process.exit(0));
person.start().catch(() => {});  // told as `error`
