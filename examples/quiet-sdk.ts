// Import this first: otherwise the SDK prints a notice about the Node version between the steps.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
