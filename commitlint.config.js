/** Releases and their notes are made from the commit messages; CONTRIBUTING.md says how they look. */
export default {
  extends: ['@commitlint/config-conventional'],
  rules: {
    // A body is wrapped like the documents, and may quote a line of output.
    'body-max-line-length': [0],
    'footer-max-line-length': [0],
    'header-max-length': [2, 'always', 72],
    // Subjects name classes and services.
    'subject-case': [0],
  },
};
