/**
 * The public methods that moto cannot carry out, with the reason. The emulator run fails when a method is neither
 * carried out nor named here, and when a method named here was carried out after all.
 */
export const notAnsweredByMoto: Readonly<Record<string, string>> = {};
