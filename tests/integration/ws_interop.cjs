// The other end of net_interop_test.cpp: Node's `ws`.
//   ws_interop.cjs server            prints its port, echoes every message, closes with 4002 at "close"
//   ws_interop.cjs client URL        sends messages, checks their echoes, prints "ok"
'use strict';
const { WebSocket, WebSocketServer } = require('ws');

function serve() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () =>
    console.log(server.address().port));
  server.on('connection', (socket) => {
    socket.ping('are you there?');
    socket.on('pong', (data) => socket.send('pong:' + data));
    socket.on('message', (data, binary) => {
      if (data.toString() === 'close') return socket.close(4002, 'as you wish');
      // In fragments with a ping between them.
      const middle = data.length >> 1;
      socket.send(data.subarray(0, middle), { binary, fin: false });
      socket.ping();
      socket.send(data.subarray(middle), { binary, fin: true });
    });
    socket.on('close', () => server.close());
  });
}

function ask(url) {
  const messages = ['', 'hello', 'κόσμε €😀', 'x'.repeat(125), 'x'.repeat(126), 'x'.repeat(65536)];
  const socket = new WebSocket(url);
  let next = 0;
  socket.on('open', () => {
    socket.ping('1');
    messages.forEach((message) => socket.send(message));
  });
  socket.on('message', (data, binary) => {
    if (binary || data.toString() !== messages[next]) throw new Error('wrong echo ' + next);
    if (++next === messages.length) socket.close(4003, 'done');
  });
  let pong = false;
  socket.on('pong', (data) => { pong = data.toString() === '1'; });
  socket.on('close', (code) => {
    const good = next === messages.length && pong && code === 4003;
    console.log(good ? 'ok' : `closed with ${code} after ${next} echoes, pong ${pong}`);
  });
}

if (process.argv[2] === 'server') serve();
else ask(process.argv[3]);
