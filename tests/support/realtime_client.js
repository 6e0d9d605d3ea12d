// A Realtime client on another WebSocket library: greets, speaks a turn, truncates, and prints what it saw.
// node realtime_client.js URL KEY
const WebSocket = require('ws');

const [url, key] = process.argv.slice(2);
const socket = new WebSocket(url + '?model=gpt-realtime-2.1', {
  headers: {Authorization: 'Bearer ' + key},
  perMessageDeflate: false,
});
const types = [];
let audioBytes = 0;
let itemId = '';

const send = (event) => socket.send(JSON.stringify(event));

socket.on('message', (data) => {
  const event = JSON.parse(data);
  if (types[types.length - 1] !== event.type) types.push(event.type);
  switch (event.type) {
    case 'session.created':
      send({
        type: 'session.update',
        session: {
          type: 'realtime',
          audio: {
            input: {format: {type: 'audio/pcma'}, turn_detection: null},
            output: {format: {type: 'audio/pcma'}, voice: 'marin'},
          },
        },
      });
      break;
    case 'session.updated':
      send({type: 'response.create'});
      break;
    case 'response.output_audio.delta':
      audioBytes += Buffer.from(event.delta, 'base64').length;
      itemId = event.item_id;
      break;
    case 'response.done':
      send({type: 'conversation.item.truncate', item_id: itemId, content_index: 0, audio_end_ms: 100});
      break;
    case 'conversation.item.truncated':
      socket.close(1000);
      break;
  }
});
socket.on('close', (code) => console.log(JSON.stringify({code, audioBytes, types})));
socket.on('error', (error) => console.log(JSON.stringify({error: error.message})));
