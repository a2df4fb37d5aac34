// Grant's documented Express set-up for one provider; everything else is as its README has it.
const express = require('express')
const session = require('express-session')
const grant = require('grant').express()

const [port, provider] = [Number(process.env.PORT), process.env.PROVIDER]
const app = express()
app.use(session({ secret: 'benchmark', saveUninitialized: true, resave: false }))
app.use(grant({
  defaults: { origin: `http://127.0.0.1:${port}`, transport: 'state', state: true, pkce: true },
  facebook: {
    key: 'app', secret: 'app-secret',
    scope: ['pages_show_list', 'instagram_basic'],
    authorize_url: `${provider}/v26.0/dialog/oauth`,
    access_url: `${provider}/v26.0/oauth/access_token`,
    response: ['tokens', 'raw'],
  },
}))
app.get('/connect/facebook/callback', (request, answer) => {
  const result = answer.locals.grant.response
  if (!result || result.error || !result.access_token) return answer.status(502).json(result || { error: 'none' })
  answer.json({ ok: true })
})
app.listen(port, '127.0.0.1', () => console.log('listening'))
