// Runs actions of the core with the named client and prints what it made of the replies, as JSON.
const [client, port] = process.argv.slice(2);

const STEPS = [
  ['put', {Action: 'DBPut', Family: 'clients', Key: 'name', Val: 'npm'}, null, r => r.message],
  ['got', {Action: 'DBGet', Family: 'clients', Key: 'name'}, 'dbgetresponse', (r, e) => e[0].val],
  ['tree', {Action: 'DBGetTree', Family: 'clients'}, 'dbgettreeresponse', (r, e) => e.map(x => x.key)],
  ['variable', {Action: 'Getvar', Variable: 'CITY'}, null, r => r.value],
  ['extensions', {Action: 'ShowDialPlan', Context: 'messages'}, 'listdialplan',
    (r, e) => e.map(x => x.extension)],
  ['update', {Action: 'UpdateConfig', SrcFilename: 'pjsip.conf', DstFilename: 'pjsip.conf',
    'Action-000000': 'NewCat', 'Cat-000000': 'carol', 'Action-000001': 'Append',
    'Cat-000001': 'carol', 'Var-000001': 'type', 'Value-000001': 'aor'}, null, r => r.response],
];

// Each answers with ask(action): a promise of [reply, events], names in lower case.
const CLIENTS = {
  'asterisk-manager'() {
    const ami = require('asterisk-manager')(port, '127.0.0.1', 'admin', 'secret', true);
    const events = [];
    ami.on('managerevent', e => events.push(e));
    const ask = action => new Promise((resolve, reject) => {
      events.length = 0;
      ami.action(action, (error, reply) => {
        if (error) return reject(new Error(JSON.stringify(error)));
        if (reply.eventlist !== 'start') return resolve([reply, []]);
        const wait = setInterval(() => {
          if (!events.some(e => e.eventlist === 'Complete')) return;
          clearInterval(wait);
          resolve([reply, events.slice()]);
        }, 5);
      });
    });
    return {ready: new Promise(r => ami.on('connect', r)), ask};
  },
  nami() {
    const {Nami, Actions} = require('nami');
    const logger = {error: console.error, warn: console.error, info() {}, debug() {}};
    const ami = new Nami({host: '127.0.0.1', port: Number(port), username: 'admin',
      secret: 'secret', logger});
    const ask = fields => new Promise(resolve => {
      const action = new Actions.Ping();
      Object.entries(fields).forEach(([name, value]) => action.set(name, value));
      ami.send(action, reply => resolve([reply, reply.events || []]));
    });
    const ready = new Promise(resolve => ami.on('namiConnected', resolve));
    ami.open();
    return {ready, ask};
  },
};

(async () => {
  const {ready, ask} = CLIENTS[client]();
  await ready;
  const seen = {};
  for (const [name, action, event, pick] of STEPS) {
    const [reply, events] = await ask(action);
    seen[name] = pick(reply, events.filter(e => (e.event || '').toLowerCase() === event));
  }
  console.log(JSON.stringify(seen));
  process.exit(0);
})().catch(error => { console.error(error); process.exit(1); });
