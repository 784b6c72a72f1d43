// nami: logs in, pings, sends, is refused, hears an event, logs off.
// Arguments: port, destination, destination that is refused. One JSON line a step.
const { Nami, Actions } = require('nami');
const [port, good, bad] = process.argv.slice(2);

const say = (step, packet) => {
  const { lines, EOL, variables, ...fields } = packet;
  console.log(JSON.stringify({ step, ...fields }));
};
const quiet = { error: console.error, warn: console.error, info() {}, debug() {} };
const ami = new Nami({ host: '127.0.0.1', port: Number(port), username: 'admin', secret: 'secret',
  logger: quiet });
const act = (action, fields = {}) => new Promise((resolve) => {
  Object.assign(action, fields);
  ami.send(action, resolve);
});
const named = (name) => {
  const action = new Actions.Ping();
  action.set('Action', name);
  return action;
};

async function main() {
  say('ping', await act(new Actions.Ping()));
  say('sent', await act(named('MessageSend'), { Destination: good, Body: 'from nami',
    From: 'sip:crm@example.net', variables: { 'X-One': '1', 'X-Two': '2' } }));
  say('refused', await act(named('MessageSend'), { Destination: bad, Body: 'x' }));
  const heard = new Promise((resolve) => ami.once('namiEventUserEvent', resolve));
  await act(named('UserEvent'), { UserEvent: 'Hello', Key: 'value' });
  say('event', await heard);
  const closed = new Promise((resolve) => ami.once('namiConnectionEnd', resolve));
  say('logoff', await act(new Actions.Logoff()));
  await closed;
  process.exit(0);
}

for (const wrong of ['namiInvalidPeer', 'namiLoginIncorrect', 'namiConnectionError']) {
  ami.on(wrong, (what) => { console.error(wrong, what); process.exit(1); });
}
ami.on('namiConnected', main);
ami.open();
