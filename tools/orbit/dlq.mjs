export function register(_program, _context) {}
