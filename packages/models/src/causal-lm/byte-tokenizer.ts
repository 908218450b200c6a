import type { Json } from '@engram/domain';

/** Ids of the byte tokenizer's special tokens; ids 0 to 255 are the bytes themselves. */
export const byteTokens = { bos: 256, eos: 257, vocabularySize: 258 } as const;

/**
 * tokenizer.json of a byte-level tokenizer: every UTF-8 byte is a token whose id is the byte, and `<|bos|>` is put before
 * every text. There are no merges, so text and tokens determine each other.
 *
 * Bytes appear in the vocabulary as the printable characters the ByteLevel scheme of GPT-2 stands them for: printable
 * Latin-1 as itself, the others as U+0100 onwards in order.
 */
export function byteTokenizerJson(): { readonly [key: string]: Json } {
  const isPrintable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let shifted = 0;
  const characters = Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(isPrintable(byte) ? byte : 0x100 + shifted++),
  );
  const special = (id: number, content: string) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const { bos, eos } = byteTokens;
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [special(bos, '<|bos|>'), special(eos, '<|eos|>')],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<|bos|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [
        { SpecialToken: { id: '<|bos|>', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '<|bos|>', type_id: 0 } },
        { Sequence: { id: 'B', type_id: 0 } },
      ],
      special_tokens: { '<|bos|>': { id: '<|bos|>', ids: [bos], tokens: ['<|bos|>'] } },
    },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: {
        ...Object.fromEntries(characters.map((character, byte) => [character, byte])),
        '<|bos|>': bos,
        '<|eos|>': eos,
      },
      merges: [],
    },
  };
}
