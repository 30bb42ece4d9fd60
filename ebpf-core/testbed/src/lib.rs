//! Private namespaces, interfaces and traffic for tests and the demo.
