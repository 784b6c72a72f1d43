// nami: asks for lists and says what came of each, one JSON line a list.
// Argument: port.
const { Nami, Actions } = require('nami');
const [port] = process.argv.slice(2);

const quiet = { error: console.error, warn: console.error, info() {}, debug() {} };
const ami = new Nami({ host: '127.0.0.1', port: Number(port), username: 'admin', secret: 'secret',
  logger: quiet });
const list = (name, fields = {}) => new Promise((resolve) => {
  const action = new Actions.Ping();
  action.set('Action', name);
  for (const [key, value] of Object.entries(fields)) action.set(key, value);
  ami.send(action, (response) => {
    const events = (response.events || []).map(({ lines, EOL, variables, ...fields }) => fields);
    console.log(JSON.stringify({ list: name, response: response.response, events }));
    resolve();
  });
});

async function main() {
  await list('PJSIPShowEndpoints');
  await list('PJSIPShowContacts');
  await list('DeviceStateList');
  await list('ExtensionStateList');
  ami.close();
  process.exit(0);
}

for (const wrong of ['namiInvalidPeer', 'namiLoginIncorrect', 'namiConnectionError']) {
  ami.on(wrong, (what) => { console.error(wrong, what); process.exit(1); });
}
ami.on('namiConnected', main);
ami.open();
