// asterisk-manager: logs in, pings, sends, is refused, hears an event, logs off.
// Arguments: port, destination, destination that is refused. One JSON line a step.
const connect = require('asterisk-manager');
const [port, good, bad] = process.argv.slice(2);

const say = (step, packet) => console.log(JSON.stringify({ step, ...packet }));
const ami = connect(Number(port), '127.0.0.1', 'admin', 'secret', true);
const act = (fields) => new Promise((resolve) => {
  ami.action(fields, (refused, packet) => resolve(refused || packet));
});

async function main() {
  say('ping', await act({ action: 'Ping' }));
  say('sent', await act({ action: 'MessageSend', destination: good, body: 'from asterisk-manager',
    from: 'sip:crm@example.net', variable: { 'X-One': '1', 'X-Two': '2' } }));
  say('refused', await act({ action: 'MessageSend', destination: bad, body: 'x' }));
  const heard = new Promise((resolve) => ami.once('userevent-hello', resolve));
  await act({ action: 'UserEvent', userevent: 'Hello', key: 'value' });
  say('event', await heard);
  const closed = new Promise((resolve) => ami.once('end', resolve));
  say('logoff', await act({ action: 'Logoff' }));
  await closed;
  process.exit(0);
}

main();
