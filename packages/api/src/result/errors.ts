/** A text in both languages of the platform. */
export type Bilingual = { readonly en: string; readonly 'zh-CN': string };

/** One entry of the catalogue: what happened, in general, and what to do next. */
export type ErrorEntry = {
  /** HTTP status. */
  readonly status: number;
  readonly title: Bilingual;
  /** What the caller does next. */
  readonly next: Bilingual;
  /** Whether the same request can succeed later without a change. */
  readonly retryable: boolean;
};

/**
 * Every error that the API answers with. A code is a promise: it is never renamed and never used
 * again for something else. The documentation of errors is made from this table.
 */
export const ERRORS = {
  authentication_required: {
    status: 401,
    title: { en: 'No API key was sent.', 'zh-CN': '请求未携带 API 密钥。' },
    next: {
      en: 'Send the header "Authorization: Bearer <API key>".',
      'zh-CN': '请携带请求头 “Authorization: Bearer <API 密钥>”。',
    },
    retryable: false,
  },
  api_key_not_valid: {
    status: 401,
    title: { en: 'The API key is not valid.', 'zh-CN': 'API 密钥无效。' },
    next: {
      en: 'Check the key, or make a new one for this merchant.',
      'zh-CN': '请检查密钥，或为该商户新建密钥。',
    },
    retryable: false,
  },
  parameter_not_valid: {
    status: 400,
    title: { en: 'A parameter has a value that it cannot have.', 'zh-CN': '参数取值无效。' },
    next: {
      en: 'Correct the parameter that "param" names.',
      'zh-CN': '请修正 “param” 所指的参数。',
    },
    retryable: false,
  },
  parameter_not_known: {
    status: 400,
    title: { en: 'A parameter is not known here.', 'zh-CN': '参数不存在。' },
    next: {
      en: 'Remove the parameter that "param" names, or check its spelling.',
      'zh-CN': '请删除 “param” 所指的参数，或检查拼写。',
    },
    retryable: false,
  },
  id_not_valid: {
    status: 400,
    title: { en: 'The id does not have the form of this kind of id.', 'zh-CN': '编号格式不正确。' },
    next: {
      en: 'Send the id as we gave it: a prefix, an underscore and 32 hexadecimal digits.',
      'zh-CN': '请原样传入我们返回的编号：前缀、下划线和 32 位十六进制数字。',
    },
    retryable: false,
  },
  cursor_not_valid: {
    status: 400,
    title: { en: 'The cursor is not one of this list.', 'zh-CN': '游标不属于该列表。' },
    next: {
      en: 'Send "after" as the "next_cursor" of the previous page, or leave it out to start.',
      'zh-CN': '“after” 请使用上一页的 “next_cursor”；从头开始请省略。',
    },
    retryable: false,
  },
  body_not_json: {
    status: 400,
    title: { en: 'The body is not JSON.', 'zh-CN': '请求体不是有效的 JSON。' },
    next: {
      en: 'Send valid JSON in UTF-8; NaN and Infinity are not JSON.',
      'zh-CN': '请发送 UTF-8 编码的有效 JSON；NaN 和 Infinity 不是 JSON。',
    },
    retryable: false,
  },
  media_type_not_known: {
    status: 415,
    title: {
      en: 'The body has a media type that is not taken here.',
      'zh-CN': '不支持的内容类型。',
    },
    next: {
      en: 'Send one of the media types that the API reference names for this path.',
      'zh-CN': '请使用接口文档为该路径列出的内容类型。',
    },
    retryable: false,
  },
  not_found: {
    status: 404,
    title: { en: 'There is no such object.', 'zh-CN': '对象不存在。' },
    next: {
      en: 'Check the id and that the key belongs to the same merchant.',
      'zh-CN': '请检查编号，并确认密钥属于同一商户。',
    },
    retryable: false,
  },
  path_not_known: {
    status: 404,
    title: { en: 'There is nothing at this path.', 'zh-CN': '路径不存在。' },
    next: {
      en: 'Check the path against the API reference.',
      'zh-CN': '请对照接口文档检查路径。',
    },
    retryable: false,
  },
  method_not_allowed: {
    status: 405,
    title: { en: 'This path does not take this method.', 'zh-CN': '该路径不支持此方法。' },
    next: {
      en: 'Use a method that the header "Allow" names.',
      'zh-CN': '请使用响应头 “Allow” 列出的方法。',
    },
    retryable: false,
  },
  payload_too_large: {
    status: 413,
    title: { en: 'The request is too large.', 'zh-CN': '请求内容过大。' },
    next: { en: 'Send less at once.', 'zh-CN': '请减少单次发送的内容。' },
    retryable: false,
  },
  request_refused: {
    status: 422,
    title: { en: 'A rule of billing refused the request.', 'zh-CN': '请求不符合计费规则。' },
    next: {
      en: 'Correct the field that "param" names; "code" says which rule refused it.',
      'zh-CN': '请修正 “param” 所指的字段；“code” 说明拒绝的规则。',
    },
    retryable: false,
  },
  idempotency_key_not_valid: {
    status: 400,
    title: {
      en: 'The header Idempotency-Key cannot be a key.',
      'zh-CN': '请求头 Idempotency-Key 无效。',
    },
    next: {
      en: 'Send it once, as 1 to 255 printable characters of ASCII.',
      'zh-CN': '请只发送一个，长度 1 至 255 个可打印 ASCII 字符。',
    },
    retryable: false,
  },
  idempotency_in_flight: {
    status: 409,
    title: {
      en: 'The request of this idempotency key is being handled.',
      'zh-CN': '该幂等键的请求正在处理。',
    },
    next: {
      en: 'Wait as long as the header "Retry-After" says, then send it again under this key.',
      'zh-CN': '请按响应头 “Retry-After” 等待后，用同一幂等键重试。',
    },
    retryable: true,
  },
  idempotency_outcome_unknown: {
    status: 409,
    title: {
      en: 'Nobody knows what the request of this idempotency key did; it is never handled again.',
      'zh-CN': '该幂等键的请求结果未知，不会再次执行。',
    },
    next: {
      en: 'Look whether it was done; only if it was not, send it under a new key.',
      'zh-CN': '请先查询是否已完成；确认未完成后，再用新的幂等键发送。',
    },
    retryable: false,
  },
  idempotency_answer_not_kept: {
    status: 409,
    title: {
      en: 'The request of this idempotency key was handled, and its answer is not kept.',
      'zh-CN': '该幂等键的请求已处理，但应答未保存。',
    },
    next: {
      en: 'Read what it did by the GET of what it was about; do not send it under a new key.',
      'zh-CN': '请用对应的 GET 接口读取结果，不要换用新的幂等键重发。',
    },
    retryable: false,
  },
  idempotency_key_reused: {
    status: 422,
    title: {
      en: 'The idempotency key belongs to another request.',
      'zh-CN': '该幂等键已用于另一个请求。',
    },
    next: {
      en: 'Send this request under a new key, or the former one as it was.',
      'zh-CN': '请为本请求使用新的幂等键，或原样重发先前的请求。',
    },
    retryable: false,
  },
  too_many_requests: {
    status: 429,
    title: { en: 'Too many requests came in a short time.', 'zh-CN': '请求过于频繁。' },
    next: {
      en: 'Wait as long as the header "Retry-After" says, then send it again.',
      'zh-CN': '请按响应头 “Retry-After” 等待后重试。',
    },
    retryable: true,
  },
  internal_error: {
    status: 500,
    title: { en: 'Something broke on our side.', 'zh-CN': '系统内部错误。' },
    next: {
      en: 'Send it again later; if it stays, report the request id.',
      'zh-CN': '请稍后重试；如仍失败，请提供请求编号反馈。',
    },
    retryable: true,
  },
  busy_try_again: {
    status: 503,
    title: { en: 'The platform is too busy at the moment.', 'zh-CN': '系统繁忙。' },
    next: {
      en: 'Wait as long as the header "Retry-After" says, then send it again.',
      'zh-CN': '请按响应头 “Retry-After” 等待后重试。',
    },
    retryable: true,
  },
  not_ready: {
    status: 503,
    title: { en: 'The platform is starting or stopping.', 'zh-CN': '系统正在启动或停止。' },
    next: {
      en: 'Send it again in a few seconds.',
      'zh-CN': '请几秒后重试。',
    },
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** All codes, in the order of the catalogue. */
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];

/** Whether `text` is a code of the catalogue. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}
