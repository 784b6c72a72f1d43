// A JsSIP phone: registers, says what texts come, answers each with one, leaves when told.
// Arguments: WebSocket URL, user, domain, password, whom to write to. One JSON line a step;
// a line on standard input ends it.
global.WebSocket = require('ws');
const JsSIP = require('jssip');
const [url, user, domain, password, peer] = process.argv.slice(2);

const say = (step, fields = {}) => console.log(JSON.stringify({ step, ...fields }));
const phone = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(url)],
  uri: `sip:${user}@${domain}`, password, register_expires: 120 });

phone.on('registered', ({ response }) => say('registered', { status: response.status_code }));
phone.on('registrationFailed', ({ cause }) => say('refused', { cause }));
phone.on('unregistered', () => say('unregistered'));
phone.on('disconnected', () => process.exit(0));
phone.on('newMessage', ({ originator, message, request }) => {
  if (originator !== 'remote') return;
  message.accept();
  say('received', { text: request.body, from: request.from.uri.toString() });
  phone.sendMessage(`sip:${peer}@${domain}`, `JsSIP got: ${request.body}`, {
    eventHandlers: {
      succeeded: ({ response }) => say('sent', { status: response.status_code }),
      failed: ({ cause }) => say('failed', { cause }),
    },
  });
});
process.stdin.once('data', () => phone.stop());  // unregisters, then disconnects
phone.start();
