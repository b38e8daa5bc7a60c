/**
 * Sockets that read into one piece of memory, which all of them share: Node would take 64 KB anew for each piece that comes, and most answers are a
 * hundredth of that.
 *
 * What is given to a reader is good until it returns; what it keeps it copies. TLS has its own way to read.
 */
import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';

const ROOM_BYTES = 256 * 1024;

const room = Buffer.allocUnsafeSlow(ROOM_BYTES);
const readers = new WeakMap<Socket, (chunk: Buffer) => void>();

/** For `connect` to be called on. What comes it emits as `data`, which is a copy, until `readFrom` is called. */
export function createSocket(): Socket {
  const hear = (length: number): boolean => {
    const chunk = room.subarray(0, length);
    const read = readers.get(socket);
    if (read === undefined) socket.emit('data', Buffer.from(chunk));
    else read(chunk);
    return true;
  };
  const options: SocketConstructorOpts & ConnectOpts = { onread: { buffer: room, callback: hear } };
  const socket = new Socket(options);
  return socket;
}

/** Has `read` get what comes from now on. */
export function readFrom(socket: Socket, read: (chunk: Buffer) => void): void {
  socket.removeAllListeners('data');
  readers.set(socket, read);
  // Of one that reads in its own way; the others emit nothing any more.
  socket.on('data', read);
}
