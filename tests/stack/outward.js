// Required before a product on Node: keeps it on this machine, and writes down what it tries to reach elsewhere.
const { appendFileSync } = require('fs');
const dns = require('dns');
const { isIP, Socket } = require('net');
const dgram = require('dgram');

const OWN = /^(localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+|0\.0\.0\.0|::)$/i;

appendFileSync(process.env.TRIED_FILE, ''); // says that it is watched

function refuse(what) {
  appendFileSync(process.env.TRIED_FILE, `${what}\n`);
  return Object.assign(new Error(`${what} is not of this machine`), { code: 'ENETUNREACH' });
}

const lookup = dns.lookup;
dns.lookup = function (name, ...rest) {
  if (!name || OWN.test(name) || isIP(name)) return lookup.call(this, name, ...rest);
  process.nextTick(rest.at(-1), refuse(name));
};
const promised = dns.promises.lookup;
dns.promises.lookup = async function (name, ...rest) {
  if (!name || OWN.test(name) || isIP(name)) return promised.call(this, name, ...rest);
  throw refuse(name);
};

// A connection that may not leave goes to a port of this machine where nobody listens, and fails as any other would.
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...words) {
  const given = Array.isArray(words[0]) ? words[0] : words;
  const options = typeof given[0] === 'object';
  const host = options ? given[0].host : typeof given[1] === 'string' ? given[1] : undefined;
  if (host && !OWN.test(host)) {
    refuse(host);
    if (options) given[0] = { ...given[0], host: '127.0.0.1', port: 1 };
    else given.splice(0, 2, 1, '127.0.0.1');
  }
  return connect.apply(this, words);
};

const send = dgram.Socket.prototype.send;
dgram.Socket.prototype.send = function (...words) {
  const host = words.slice(1).find((word) => typeof word === 'string'); // the first is the message
  if (!host || OWN.test(host)) return send.apply(this, words);
  const told = words.at(-1);
  if (typeof told === 'function') process.nextTick(told, refuse(host));
  else refuse(host);
};
