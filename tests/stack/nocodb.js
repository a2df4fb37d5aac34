// Serves NocoDB from its npm package, as its image does from the same bundle.
// SQLite's native module is not built here; a stand-in that is never called lets the bundle load.
const Module = require('module');

const load = Module._load;
Module._load = function (request, ...rest) {
  if (request !== 'sqlite3') return load.call(this, request, ...rest);
  return { Database: class {}, verbose: () => ({}) };
};

const express = require('express');
const cors = require('cors');
const { Noco } = require('nocodb');

const app = express();
app.enable('trust proxy');
app.disable('etag');
app.disable('x-powered-by');
app.set('view engine', 'ejs');
app.use(cors({ exposedHeaders: 'xc-db-response' }));
const server = app.listen(Number(process.env.PORT), '127.0.0.1', async () => {
  app.use(await Noco.init({}, server, app));
});
