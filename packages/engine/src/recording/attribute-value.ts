import { EngramError } from '@engram/domain';
import { type AttrValue, shapeMessage, stringAttr } from '../graph/messages.js';
import type { NativeBackend, OpAttribute } from '../tensorflow/backend.js';

/** An attribute as tfjs-node passes it, as the graph's message. */
export function attributeValue({ binding }: NativeBackend, op: string, { name, type, value }: OpAttribute): AttrValue {
  const list = Array.isArray(value) ? (value as unknown[]) : undefined;
  switch (type) {
    case binding.TF_ATTR_INT:
      return list === undefined ? { i: Number(value) } : { list: { i: list.map(Number) } };
    case binding.TF_ATTR_FLOAT:
      return list === undefined ? { f: Number(value) } : { list: { f: list.map(Number) } };
    case binding.TF_ATTR_BOOL:
      return list === undefined ? { b: Boolean(value) } : { list: { b: list.map(Boolean) } };
    case binding.TF_ATTR_TYPE:
      return { type: Number(value) };
    case binding.TF_ATTR_STRING:
      return stringAttr(String(value));
    case binding.TF_ATTR_SHAPE:
      return { shape: shapeMessage((list ?? []).map(Number)) };
    default:
      throw new EngramError('ENG_INTERNAL', `attribute ${name} of ${op} has an unknown type: ${type}`);
  }
}
