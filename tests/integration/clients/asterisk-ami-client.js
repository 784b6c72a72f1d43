// asterisk-ami-client: logs in, pings, sends, is refused, hears an event, logs off.
// Arguments: port, destination, destination that is refused. One JSON line a step.
const AmiClient = require('asterisk-ami-client');
const [port, good, bad] = process.argv.slice(2);

const say = (step, packet) => console.log(JSON.stringify({ step, ...packet }));
const ami = new AmiClient();
let count = 0;
const act = (fields) => ami.action({ ActionID: `step${count += 1}`, ...fields }, true);

async function main() {
  await ami.connect('admin', 'secret', { host: '127.0.0.1', port: Number(port) });
  say('ping', await act({ Action: 'Ping' }));
  say('sent', await act({ Action: 'MessageSend', Destination: good,
    Body: 'from asterisk-ami-client', From: 'sip:crm@example.net', Variable: 'X-One=1,X-Two=2' }));
  say('refused', await act({ Action: 'MessageSend', Destination: bad, Body: 'x' }));
  const heard = new Promise((resolve) => ami.once('UserEvent', resolve));
  await act({ Action: 'UserEvent', UserEvent: 'Hello', Key: 'value' });
  say('event', await heard);
  const closed = new Promise((resolve) => ami.once('disconnect', resolve));
  say('logoff', await act({ Action: 'Logoff' }));
  await closed;
  process.exit(0);
}

main().catch((problem) => { console.error(problem); process.exit(1); });
