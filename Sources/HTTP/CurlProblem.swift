// What libcurl's codes mean, in words and in codes that stay. This is the only place that reads
// libcurl's texts: they differ between versions, so they decide no more than a reason.

import Basics
import CCurl

extension Problem {
  static func cancelledTransfer(_ transfer: Transfer) -> Problem {
    Problem(
      "http.cancelled", "The request to \(transfer.address.host) was cancelled.",
      fields: transfer.fields())
  }

  /// Why `transfer` ended without an answer. `verified` is OpenSSL's verdict on the certificate.
  init(_ transfer: Transfer, _ result: CURLcode, _ text: String, verified: Int) {
    let host = transfer.address.host
    let port = transfer.address.port
    let cause = "libcurl \(result.rawValue): \(text)"
    var fields = transfer.fields()
    if transfer.isTooLarge {
      self.init(
        "http.answer-too-large", "The answer of \(host) is larger than allowed.",
        remedy: "Ask for less at a time, or find out what answers there.", fields: fields,
        cause: cause)
      return
    }
    switch result {
    case CURLE_COULDNT_CONNECT:
      self.init(
        "http.unreachable", "\(host) does not accept connections on port \(port).",
        remedy: "Check the address, and that the server runs.", fields: fields, cause: cause)
    case CURLE_COULDNT_RESOLVE_HOST:
      self.init(
        "http.name-not-found", "There is no host named \(host).",
        remedy: "Check the spelling, and this machine's name service.", fields: fields,
        cause: cause)
    case CURLE_COULDNT_RESOLVE_PROXY:
      self.init(
        "http.name-not-found", "The proxy in the environment has a name that does not exist.",
        remedy: "Correct https_proxy or http_proxy.", fields: fields, cause: cause)
    case CURLE_OPERATION_TIMEDOUT where transfer.attempts == 0:
      fields["while"] = "connecting"
      self.init(
        "http.time-out", "\(host) did not accept a connection on port \(port) in time.",
        remedy: "Check the network and any firewall between.", fields: fields, cause: cause)
    case CURLE_OPERATION_TIMEDOUT:
      fields["while"] = "answering"
      self.init(
        "http.time-out", "\(host) did not answer in time.", remedy: "Try again later.",
        fields: fields, cause: cause)
    case CURLE_PEER_FAILED_VERIFICATION:
      let reason = TLSReason(verified: verified, text)
      fields["reason"] = reason.rawValue
      self.init(
        "http.tls-refused", "The certificate of \(host) is not trusted: \(reason.words).",
        remedy: reason.remedy, fields: fields, cause: cause)
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_INITFAILED:
      fields["reason"] = "handshake"
      self.init(
        "http.tls-refused", "No secure connection to \(host) came about.",
        remedy: "Check that port \(port) speaks TLS 1.2 or newer.", fields: fields, cause: cause)
    case CURLE_SSL_CACERT_BADFILE:
      fields["reason"] = "authorities"
      self.init(
        "http.tls-refused", "The file of trusted authorities cannot be read.",
        remedy: "Install ca-certificates, or correct the setting that names the file.",
        fields: fields, cause: cause)
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
      self.init(
        "http.bad-address", "'\(Text.oneLine(transfer.address.origin))' is no address on the web.",
        remedy: "Write it as https://host/path.", fields: fields, cause: cause)
    case CURLE_BAD_CONTENT_ENCODING:
      self.init(
        "http.answer-garbled", "The answer of \(host) cannot be unpacked.",
        remedy: "Try again; if it stays, look at any proxy between.", fields: fields, cause: cause)
    case CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2, CURLE_HTTP3:
      self.init(
        "http.answer-garbled", "What \(host) answers on port \(port) is not HTTP.",
        remedy: "Check the address and the port.", fields: fields, cause: cause)
    default:
      self.init(
        "http.connection-cut", "The connection to \(host) was cut.",
        remedy: "Look whether it took effect, then try again.", fields: fields, cause: cause)
    }
  }
}

extension Transfer {
  /// Where it went, and whether it can have taken effect.
  fileprivate func fields() -> [String: String] {
    [
      "host": address.host, "port": String(address.port),
      "sent": status > 0 ? "yes" : attempts > 0 ? "maybe" : "no",
    ]
  }
}

/// Why a certificate is refused.
private enum TLSReason: String {
  case selfSigned = "self-signed"
  case expired
  case notYetValid = "not-yet-valid"
  case unknownAuthority = "unknown-authority"
  case wrongHost = "wrong-host"
  case other

  /// The numbers are OpenSSL's X509_V_ERR_*; a wrong host is only in the text.
  init(verified: Int, _ text: String) {
    switch verified {
    case 18, 19: self = .selfSigned
    case 10: self = .expired
    case 9: self = .notYetValid
    case 2, 20, 21: self = .unknownAuthority
    case 62, 64: self = .wrongHost
    default:
      self = text.contains("host name") || text.contains("subject name") ? .wrongHost : .other
    }
  }

  var words: String {
    switch self {
    case .selfSigned: "it is signed by itself"
    case .expired: "it has expired"
    case .notYetValid: "it is not valid yet"
    case .unknownAuthority: "its issuer is unknown"
    case .wrongHost: "it belongs to another host"
    case .other: "the check did not succeed"
    }
  }

  var remedy: String {
    switch self {
    case .expired, .notYetValid: "Check this machine's clock, then have the certificate renewed."
    case .wrongHost: "Use the host name that the certificate was issued for."
    case .selfSigned, .unknownAuthority, .other:
      "Have a known authority issue it, or look for a proxy that stands between."
    }
  }
}
