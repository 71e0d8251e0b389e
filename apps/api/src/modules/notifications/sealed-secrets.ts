import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { DomainError } from '@forma3d/kernel';
import { CONFIG, type Config } from '@forma3d/platform';
import { Inject, Injectable } from '@nestjs/common';

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts what is stored but must not be read in the database: AES-256-GCM under a key made of SECRETS_KEY. */
@Injectable()
export class SealedSecrets {
  private readonly key: Buffer | undefined;

  constructor(@Inject(CONFIG) config: Pick<Config, 'secretsKey'>) {
    this.key = config.secretsKey === undefined ? undefined : Buffer.from(hkdfSync('sha256', config.secretsKey, '', 'forma3d notification channels', 32));
  }

  /**
   * @param place what the secret belongs to: it opens nowhere else
   * @throws DomainError `conflict` where SECRETS_KEY is not set
   */
  seal(secret: string, place: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.usableKey(), iv).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), sealed]);
  }

  /** @throws Error when it was sealed with another key or for another place */
  open(stored: Uint8Array, place: string): string {
    const sealed = Buffer.from(stored);
    const iv = sealed.subarray(1, 1 + IV_BYTES);
    const tag = sealed.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES);
    try {
      if (sealed[0] !== VERSION) throw new Error('unknown version');
      const decipher = createDecipheriv('aes-256-gcm', this.usableKey(), iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(place)).setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed.subarray(1 + IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    } catch (error) {
      throw new Error('a stored secret cannot be opened: SECRETS_KEY is not the one it was stored with', { cause: error });
    }
  }

  private usableKey(): Buffer {
    if (this.key) return this.key;
    throw new DomainError('conflict', 'SECRETS_KEY is not set, which storing an address or a secret needs.');
  }
}
