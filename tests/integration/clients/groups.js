// Runs steps with the named client of npm: asterisk-manager, nami or asterisk-ami-client.
// Arguments: client, port. Standard input: a JSON list of {send, until}: the action's headers, and
// headers of an event to wait for, if any. One JSON line a step: {reply, events}, names in lower
// case.
const fs = require('fs');
const [client, port] = process.argv.slice(2);

const lower = (packet) => Object.fromEntries(
  Object.entries(packet).map(([name, value]) => [name.toLowerCase(), value]));

let events = [];
let wake = () => {};
const hear = (event) => { events.push(lower(event)); wake(); };
const heard = (wanted) => events.some(
  (event) => Object.entries(wanted).every(([name, value]) => event[name] === value));

// Each calls ready(ask) once it is logged in; ask(action) is a promise of the reply.
const CLIENTS = {
  'asterisk-manager'(ready) {
    const ami = require('asterisk-manager')(Number(port), '127.0.0.1', 'admin', 'secret', true);
    ami.on('managerevent', hear);
    ready((action) => new Promise((resolve) => {
      ami.action({ ...action }, (refused, reply) => resolve(refused || reply));
    }));
  },
  nami(ready) {
    const { Nami, Actions } = require('nami');
    const logger = { error: console.error, warn: console.error, info() {}, debug() {} };
    const ami = new Nami({ host: '127.0.0.1', port: Number(port), username: 'admin',
      secret: 'secret', logger });
    const fields = ({ lines, EOL, variables, events: listed, ...rest }) => rest;
    ami.on('namiEvent', (event) => hear(fields(event)));
    ami.on('namiConnected', () => ready((headers) => new Promise((resolve) => {
      const action = new Actions.Ping();
      Object.entries(headers).forEach(([name, value]) => action.set(name, value));
      ami.send(action, (reply) => {
        reply.events.forEach((event) => hear(fields(event)));
        resolve(fields(reply));
      });
    })));
    ami.open();
  },
  'asterisk-ami-client'(ready) {
    const ami = new (require('asterisk-ami-client'))();
    let count = 0;
    ami.on('event', hear);
    const place = { host: '127.0.0.1', port: Number(port) };
    ami.connect('admin', 'secret', place).then(
      () => ready(
        (action) => ami.action({ ...action, ActionID: `step${count += 1}` }, true)), fail);
  },
};

async function run(ask) {
  for (const { send, until } of JSON.parse(fs.readFileSync(0))) {
    const reply = lower(await ask(send));
    while (until && reply.response !== 'Error' && !heard(until)) {
      await new Promise((resolve) => { wake = resolve; });
    }
    console.log(JSON.stringify({ reply, events }));
    events = [];
  }
  process.exit(0);
}

function fail(problem) {
  console.error(problem);
  process.exit(1);
}

CLIENTS[client]((ask) => run(ask).catch(fail));
