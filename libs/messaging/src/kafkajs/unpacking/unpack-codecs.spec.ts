import kafkajs from 'kafkajs';
import { crashReason } from '../crash-reason.js';
import { registerUnpackCodecs } from './unpack-codecs.js';
import { unpackLz4 } from './unpack-lz4.js';
import { unpackSnappy } from './unpack-snappy.js';

const charge = (id: number, n: number): string => `{"charge_id":"sms_${id}","amount":"0.00${n}"}`;
const TEXT = `${charge(0, 0)}${charge(7919, 1)}${charge(15838, 2)}${charge(23757, 3)}${'a'.repeat(28)}`;

// What kafka-clients 4.1.0 for Java makes of TEXT, and snappy-java of it without a frame.
const FRAMED_SNAPPY =
  'glNOQVBQWQAAAAABAAAAAQAAAFu/AZh7ImNoYXJnZV9pZCI6InNtc18wIiwiYW1vdW50IjoiMC4wMDAifXtCJgAQNzkxOSI6KQAEMSJK' +
  'KQAQMTU4Mzg+KgAAMk4qABAyMzc1Nz4qAAwzIn1hagEA';
const BARE_SNAPPY =
  'vwGYeyJjaGFyZ2VfaWQiOiJzbXNfMCIsImFtb3VudCI6IjAuMDAwIn17QiYAEDc5MTkiOikABDEiSikAEDE1ODM4PioAADJOKgAQMjM3' +
  'NTc+KgAMMyJ9YWoBAA==';
const LZ4 =
  'BCJNGGBAglkAAAD+F3siY2hhcmdlX2lkIjoic21zXzAiLCJhbW91bnQiOiIwLjAwMCJ9JgBMNzkxOSkAHzEpAAFcMTU4MzgqAB8yKgAB' +
  'XDIzNzU3KgBPMyJ9YQEAA1BhYWFhYQAAAAA=';

const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');

test('unpacks what clients in other languages packed with snappy and lz4', () => {
  expect(unpackSnappy(bytes(FRAMED_SNAPPY)).toString()).toBe(TEXT);
  expect(unpackSnappy(bytes(BARE_SNAPPY)).toString()).toBe(TEXT);
  expect(unpackLz4(bytes(LZ4)).toString()).toBe(TEXT);
});

test('unpacks several frames of snappy, and blocks of lz4 that are stored as they are', () => {
  const frame = bytes(FRAMED_SNAPPY);
  expect(unpackSnappy(Buffer.concat([frame, frame.subarray(16)])).toString()).toBe(TEXT + TEXT);
  const header = bytes(LZ4).subarray(0, 7);
  const stored = Buffer.from([4, 0, 0, 0x80, ...Buffer.from('abcd'), 0, 0, 0, 0]);
  expect(unpackLz4(Buffer.concat([header, stored])).toString()).toBe('abcd');
});

test('what is cut off or points before its start is refused', () => {
  expect(() => unpackLz4(bytes(LZ4).subarray(0, 40))).toThrow();
  expect(() => unpackLz4(Buffer.from('no frame'))).toThrow('no LZ4 frame');
  expect(() => unpackSnappy(Buffer.from([8, 0xfe, 9, 0]))).toThrow('before its start');
});

test('kafkajs reads both once they are registered', async () => {
  registerUnpackCodecs();
  const { CompressionCodecs: codecs, CompressionTypes: types } = kafkajs;
  const snappy = codecs[types.Snappy]?.() as { decompress(packed: Buffer): Promise<Buffer> };
  expect(String(await snappy.decompress(bytes(FRAMED_SNAPPY)))).toBe(TEXT);
  const lz4 = codecs[types.LZ4]?.() as { decompress(packed: Buffer): Promise<Buffer> };
  expect(String(await lz4.decompress(bytes(LZ4)))).toBe(TEXT);
});

test('crashReason: tells what to do about messages that nothing here unpacks', () => {
  expect(crashReason(new Error('ZSTD compression not implemented'))).toMatch(/zstd.*22\.15/);
  expect(crashReason(new Error('odd bytes'))).toBe('the consumer crashes: odd bytes');
});
