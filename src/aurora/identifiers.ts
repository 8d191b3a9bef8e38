import * as v from 'valibot';

/** The identifier of a cluster or an instance. RDS ignores the case of letters. */
export const rdsIdentifier = v.pipe(
  v.string(),
  v.check(
    (value) => value.length <= 63 && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/i.test(value),
    'an RDS identifier: at most 63 letters, digits and single hyphens, beginning with a letter',
  ),
);

/** RDS stores identifiers in lower case, so they are compared in lower case. */
export const clusterIdentifier = v.pipe(rdsIdentifier, v.toLowerCase());

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Tag.html */
const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const tagKey = v.pipe(
  v.string(),
  v.check(
    (key) => key.length >= 1 && key.length <= 128 && tagCharacters.test(key) && !/^(aws|rds):/i.test(key),
    'a tag key: 1 to 128 letters, digits, spaces and _ . : / = + - @, not beginning with "aws:" or "rds:"',
  ),
);

/** A value of a tag. */
export const tagValue = v.pipe(
  v.string(),
  v.check(
    (value) => value.length <= 256 && tagCharacters.test(value),
    'a tag value: at most 256 letters, digits, spaces and _ . : / = + - @',
  ),
);

/** Tags that a user may set on an instance. */
export const tagsSchema = v.pipe(
  v.custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'an object',
  ),
  v.record(tagKey, tagValue),
);
