/**
 * What a pool sends to its users. Nothing leaves this machine: messages are rows, which `/_gatehouse/cognito/messages`
 * shows in open mode. Codes never reach the log.
 */
import { randomText } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Transaction } from '../../store/store.ts';
import { sendByTrigger } from './custom-sender.ts';
import type { PoolPlace } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import { messages, type PoolRow, type UserRow } from './rows.ts';
import { triggerAttributes } from './show-user.ts';
import { runTrigger } from './trigger.ts';

export type Contact = 'email' | 'phone_number';

export interface Outgoing {
  /** `CustomMessage_SignUp`. */
  readonly source: string;
  readonly clientId: string | undefined;
  readonly user: UserRow;
  readonly attribute: Contact;
  readonly destination: string;
  /** The code, or the temporary password. */
  readonly code: string;
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

interface Texts {
  readonly subject?: string;
  readonly body: string;
}

const LINK = /\{##([^#]*)##\}/g;
const CODE = '{####}';
const NAME = '{username}';

function confirmationLink(ports: CognitoPorts, { clientId, user, code }: Outgoing): string {
  const query = new URLSearchParams({
    client_id: clientId ?? '',
    user_name: user.username,
    confirmation_code: code,
  });
  return `${ports.url()}/confirmUser?${query}`.replaceAll('&', '&amp;');
}

const CONFIRMS = ['CustomMessage_SignUp', 'CustomMessage_ResendCode'];

/** Words a message and keeps it, unless a custom sender sends it. Throws what the triggers throw. */
export async function send(ports: CognitoPorts, place: PoolPlace, outgoing: Outgoing): Promise<void> {
  const { pool, scope } = place;
  if (await sendByTrigger(ports, place, outgoing)) return;
  const texts = await customised(ports, place, outgoing, usualTexts(pool, outgoing));
  const link = confirmationLink(ports, outgoing);
  const put = (text: string): string =>
    text
      .replaceAll(CODE, outgoing.code)
      .replaceAll(NAME, outgoing.user.username)
      .replace(LINK, (_, words: string) => `<a href="${link}">${words}</a>`);
  const sentMs = ports.now();
  const key = `${pool.id}/${String(sentMs).padStart(14, '0')}-${randomText(8, 'abcdefghijklmnop', ports.random)}`;
  await ports.store.transaction(async (rows) => {
    await rows.put(messages, scope, key, {
      poolId: pool.id,
      username: outgoing.user.username,
      medium: outgoing.attribute === 'email' ? 'EMAIL' : 'SMS',
      destination: outgoing.destination,
      trigger: outgoing.source,
      ...(texts.subject !== undefined && { subject: put(texts.subject) }),
      body: put(texts.body),
      code: outgoing.code,
      sentMs,
    });
    if (++sent % TRIM_EVERY === 0) await dropOldest(rows, place);
  });
}

/** Trimming reads all of a pool's messages: once in a while is enough. */
const TRIM_EVERY = 50;
let sent = 0;

async function dropOldest(rows: Transaction, { scope, pool }: PoolPlace): Promise<void> {
  const all = await rows.list(messages, scope, { prefix: `${pool.id}/` });
  for (const { key } of all.slice(0, Math.max(0, all.length - limits.cognitoMessagesKept)))
    await rows.delete(messages, scope, key);
}

async function customised(
  ports: CognitoPorts,
  place: PoolPlace,
  outgoing: Outgoing,
  usual: Texts,
): Promise<Texts> {
  const answer = await runTrigger(ports, place, {
    name: 'CustomMessage',
    source: outgoing.source,
    clientId: outgoing.clientId,
    username: outgoing.user.username,
    request: {
      userAttributes: triggerAttributes(outgoing.user),
      codeParameter: CODE,
      linkParameter: '{##Click Here##}',
      usernameParameter: outgoing.source === 'CustomMessage_AdminCreateUser' ? NAME : null,
      ...(outgoing.clientMetadata && { clientMetadata: outgoing.clientMetadata }),
    },
    response: { smsMessage: null, emailMessage: null, emailSubject: null },
  });
  if (answer === undefined) return usual;
  const { emailMessage, emailSubject, smsMessage } = answer;
  const body = outgoing.attribute === 'email' ? emailMessage : smsMessage;
  return {
    ...usual,
    ...(typeof body === 'string' && body !== '' && { body }),
    ...(outgoing.attribute === 'email' && typeof emailSubject === 'string' && { subject: emailSubject }),
  };
}

function usualTexts(pool: PoolRow, { source, attribute }: Outgoing): Texts {
  const template = pool.shown.VerificationMessageTemplate ?? {};
  const invitation = pool.adminCreate.InviteMessageTemplate ?? {};
  const isEmail = attribute === 'email';
  switch (source) {
    case 'CustomMessage_AdminCreateUser': {
      const usual = `Your username is ${NAME} and temporary password is ${CODE}.`;
      return isEmail
        ? {
            subject: invitation.EmailSubject ?? 'Your temporary password',
            body: invitation.EmailMessage ?? usual,
          }
        : { body: invitation.SMSMessage ?? usual };
    }
    case 'CustomMessage_Authentication': {
      const usual = `Your authentication code is ${CODE}.`;
      return isEmail
        ? {
            subject: pool.mfa.email?.subject ?? 'Your authentication code',
            body: pool.mfa.email?.message ?? usual,
          }
        : { body: pool.mfa.sms?.message ?? pool.shown.SmsAuthenticationMessage ?? usual };
    }
    case 'CustomMessage_ForgotPassword': {
      const body = `Your password reset code is ${CODE}.`;
      return isEmail ? { subject: 'Your password reset code', body } : { body };
    }
    default: {
      if (isEmail && CONFIRMS.includes(source) && template.DefaultEmailOption === 'CONFIRM_WITH_LINK')
        return {
          subject: template.EmailSubjectByLink ?? 'Your verification link',
          body:
            template.EmailMessageByLink ??
            'Please click the link below to verify your email address. {##Verify Email##}',
        };
      const usual = `Your verification code is ${CODE}.`;
      return isEmail
        ? { subject: template.EmailSubject ?? 'Your verification code', body: template.EmailMessage ?? usual }
        : { body: template.SmsMessage ?? usual };
    }
  }
}
