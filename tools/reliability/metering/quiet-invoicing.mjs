/** Answers every question of usage-metering to invoicing with an empty list, in the words of Nest TCP: nobody has a subscription. */
import net from 'node:net';

const ANSWER = { status: 200, body: JSON.stringify({ data: [] }) };

/** Resolves with the address on which it listens. */
export async function startQuietInvoicing() {
  const server = net.createServer((socket) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('data', (part) => {
      text += part;
      for (let at = text.indexOf('#'); at > 0; at = text.indexOf('#')) {
        const length = Number(text.slice(0, at));
        if (text.length < at + 1 + length) return;
        const { id } = JSON.parse(text.slice(at + 1, at + 1 + length));
        text = text.slice(at + 1 + length);
        const answer = JSON.stringify({ id, response: ANSWER, isDisposed: true, err: null });
        socket.write(`${answer.length}#${answer}`);
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `127.0.0.1:${server.address().port}`;
}
