// A SIP.js phone: registers, says what texts come, answers each with one, leaves when told.
// Arguments: WebSocket URL, user, domain, password, whom to write to. One JSON line a step;
// a line on standard input ends it.
global.WebSocket = require('ws');
const [url, user, domain, password, peer] = process.argv.slice(2);

const say = (step, fields = {}) => console.log(JSON.stringify({ step, ...fields }));

async function main() {
  const { Messager, Registerer, RegistererState, UserAgent } = await import('sip.js');
  const answer = (text) => {
    const messager = new Messager(phone, UserAgent.makeURI(`sip:${peer}@${domain}`),
      `SIP.js got: ${text}`);
    return messager.message({ requestDelegate: {
      onAccept: ({ message }) => say('sent', { status: message.statusCode }),
      onReject: ({ message }) => say('failed', { cause: message.statusCode }),
    } });
  };
  const phone = new UserAgent({
    uri: UserAgent.makeURI(`sip:${user}@${domain}`),
    authorizationUsername: user,
    authorizationPassword: password,
    transportOptions: { server: url },
    logLevel: 'error',
    delegate: {
      async onMessage(message) {
        await message.accept();
        const { body, from } = message.request;
        say('received', { text: body, from: from.uri.toString() });
        await answer(body);
      },
    },
  });
  const registerer = new Registerer(phone, { expires: 120 });
  registerer.stateChange.addListener((state) => {
    if (state === RegistererState.Unregistered) say('unregistered');
  });
  process.stdin.once('data', async () => {
    const gone = new Promise((resolve) => registerer.stateChange.addListener(resolve));
    await registerer.unregister();
    await gone;
    await phone.stop();
    process.exit(0);
  });
  await phone.start();
  await registerer.register({ requestDelegate: {
    onAccept: ({ message }) => say('registered', { status: message.statusCode }),
    onReject: ({ message }) => say('refused', { cause: message.statusCode }),
  } });
}

main();
