// libcurl's multi handle and the one thread that touches it. Other threads post orders and ring;
// the thread starts transfers, drives them, and resumes whoever waits. Every transfer that was
// taken in is finished exactly once: with an answer, a problem, or the cancellation at the end.

import Basics
import CCurl
import Glibc

/// One request on its way: `continuation` is set before the transfer is posted, `isCancelled` is
/// locked, and everything else is touched by the loop's thread only.
final class Transfer: @unchecked Sendable {  // because the loop's thread owns it once it is posted
  let request: HTTPClientRequest
  let address: HTTPAddress
  let isCancelled = Locked(false)
  var continuation: CheckedContinuation<Result<HTTPResponse, Problem>, Never>?

  // While libcurl has it.
  var easy: UnsafeMutableRawPointer?
  var headerList: UnsafeMutablePointer<curl_slist>?
  let body: UnsafeMutableBufferPointer<UInt8>
  let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  /// How often libcurl was about to put the request on a connection.
  var attempts = 0
  var status = 0
  var headers = HTTPHeaders()
  var headerBytes = 0
  var answer: [UInt8] = []
  var isTooLarge = false

  init(_ request: HTTPClientRequest, _ address: HTTPAddress) {
    self.request = request
    self.address = address
    body = .allocate(capacity: request.body.count)
    _ = body.initialize(from: request.body)
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    body.deallocate()
    errorText.deallocate()
  }

  func finish(_ outcome: Result<HTTPResponse, Problem>) {
    continuation?.resume(returning: outcome)
    continuation = nil
  }

  /// Takes in a header line as libcurl hands it over; false when there are too many.
  func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    headerBytes += line.count
    if headerBytes > 262_144 {
      isTooLarge = true
      return false
    }
    let text = Text.oneLine(String(decoding: line, as: UTF8.self))
    if text.hasPrefix("HTTP/") {
      // A new head begins: what came before was `100 Continue` or a proxy's answer.
      status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      headers = HTTPHeaders()
    } else if let colon = text.firstIndex(of: ":"), colon > text.startIndex {
      headers.add(
        String(text[..<colon]), Text.oneLine(text[text.index(after: colon)...]))
    }
    return true
  }

  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if answer.count + bytes.count > request.answerLimit {
      isTooLarge = true
      return false
    }
    answer.append(contentsOf: bytes)
    return true
  }
}

final class CurlLoop: Sendable {
  enum Order: Sendable {
    case start(Transfer)
    case cancel(Transfer)
  }

  private struct Mailbox {
    var orders: [Order] = []
    var isStopping = false
    /// Set while the multi handle lives; waking it afterwards would touch freed memory.
    var multi: UnsafeMutableRawPointer?
  }

  // The thread that frees the pointer may use it without the lock.
  private struct Shared: @unchecked Sendable {  // because the pointer is only used under the lock
    let mailbox: Locked<Mailbox>
  }

  private let shared: Shared
  private let thread: Locked<LoopThread?>

  init(userAgent: String, certificates: String?) throws(Problem) {
    guard globalStart == CURLE_OK, let multi = curl_multi_init() else {
      throw Problem(
        "http.no-library", "libcurl could not be started.",
        remedy: "Free some memory and start again.")
    }
    let shared = Shared(mailbox: Locked(Mailbox(multi: multi)))
    self.shared = shared
    do throws(Problem) {
      thread = Locked(
        try LoopThread {
          guard let multi = shared.mailbox.withLock({ $0.multi }) else { return }
          var runner = CurlRunner(multi: multi, userAgent: userAgent, certificates: certificates)
          runner.run { wait in
            if wait { curl_multi_poll(multi, nil, 0, 3_600_000, nil) }
            return shared.mailbox.withLock { mailbox in
              defer { mailbox.orders = [] }
              return mailbox.isStopping ? nil : mailbox.orders
            }
          }
          // Nobody may ring any more; then the handle may go.
          let left = shared.mailbox.withLock { mailbox in
            mailbox.multi = nil
            defer { mailbox.orders = [] }
            return mailbox.orders
          }
          runner.end(left)
        })
    } catch {
      curl_multi_cleanup(multi)
      throw error
    }
  }

  func post(_ order: Order) {
    let isTaken = shared.mailbox.withLock { mailbox in
      guard let multi = mailbox.multi, !mailbox.isStopping else { return false }
      mailbox.orders.append(order)
      curl_multi_wakeup(multi)
      return true
    }
    if !isTaken, case .start(let transfer) = order {
      transfer.finish(.failure(.cancelledTransfer(transfer)))
    }
  }

  func stop() {
    shared.mailbox.withLock { mailbox in
      mailbox.isStopping = true
      if let multi = mailbox.multi { curl_multi_wakeup(multi) }
    }
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    running?.join()
  }
}

/// curl_global_init must run once, before any other thread uses libcurl.
private let globalStart: CURLcode = curl_global_init(Int(CURL_GLOBAL_ALL))

/// What the loop's thread owns.
private struct CurlRunner {
  let multi: UnsafeMutableRawPointer
  let userAgent: String
  let certificates: String?
  var active: [UnsafeMutableRawPointer: Transfer] = [:]
  /// Easy handles that rest between two transfers.
  var spare: [UnsafeMutableRawPointer] = []

  init(multi: UnsafeMutableRawPointer, userAgent: String, certificates: String?) {
    self.multi = multi
    self.userAgent = userAgent
    self.certificates = certificates
  }

  /// Works until `orders` gives nil.
  mutating func run(_ orders: (_ wait: Bool) -> [CurlLoop.Order]?) {
    var wait = false
    while let taken = orders(wait) {
      for order in taken {
        switch order {
        case .start(let transfer): start(transfer)
        case .cancel(let transfer): cancel(transfer)
        }
      }
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      wait = !finishDone()
    }
  }

  mutating func end(_ left: [CurlLoop.Order]) {
    for case .start(let transfer) in left {
      transfer.finish(.failure(.cancelledTransfer(transfer)))
    }
    for transfer in Array(active.values) { cancel(transfer) }
    for easy in spare { curl_easy_cleanup(easy) }
    curl_multi_cleanup(multi)
  }

  private mutating func start(_ transfer: Transfer) {
    if transfer.isCancelled.withLock({ $0 }) {
      transfer.finish(.failure(.cancelledTransfer(transfer)))
      return
    }
    guard let easy = spare.popLast() ?? curl_easy_init() else {
      transfer.finish(.failure(Problem("http.no-library", "libcurl gave no handle.")))
      return
    }
    transfer.easy = easy
    active[easy] = transfer
    configure(easy, transfer)
    if curl_multi_add_handle(multi, easy) != CURLM_OK {
      release(transfer)
      transfer.finish(.failure(Problem("http.no-library", "libcurl refused a request.")))
    }
  }

  private mutating func cancel(_ transfer: Transfer) {
    guard let easy = transfer.easy else { return }
    curl_multi_remove_handle(multi, easy)
    release(transfer)
    transfer.finish(.failure(.cancelledTransfer(transfer)))
  }

  /// True when a transfer ended.
  private mutating func finishDone() -> Bool {
    var some = false
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let transfer = active[easy]
      else { continue }
      some = true
      let result = cu_message_result(message)
      var verified = 0
      cu_get_long(easy, CURLINFO_SSL_VERIFYRESULT, &verified)
      var outcome: Result<HTTPResponse, Problem>
      if result == CURLE_OK {
        // The body is unpacked already; its encoding says nothing any more.
        transfer.headers.remove("Content-Encoding")
        outcome = .success(
          HTTPResponse(transfer.status, headers: transfer.headers, body: transfer.answer))
      } else {
        outcome = .failure(
          Problem(transfer, result, String(cString: transfer.errorText), verified: verified))
      }
      curl_multi_remove_handle(multi, easy)
      release(transfer)
      transfer.finish(outcome)
    }
    return some
  }

  private mutating func release(_ transfer: Transfer) {
    guard let easy = transfer.easy else { return }
    transfer.easy = nil
    active[easy] = nil
    curl_slist_free_all(transfer.headerList)
    transfer.headerList = nil
    curl_easy_reset(easy)
    if spare.count < 16 { spare.append(easy) } else { curl_easy_cleanup(easy) }
  }

  private func configure(_ easy: UnsafeMutableRawPointer, _ transfer: Transfer) {
    let request = transfer.request
    // Unretained because `active` keeps the transfer until the handle is released.
    let pointer = Unmanaged.passUnretained(transfer).toOpaque()
    cu_set_long(easy, CURLOPT_NOSIGNAL, 1)
    cu_set_text(easy, CURLOPT_URL, transfer.address.description)
    cu_only_http(easy)
    cu_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    cu_set_long(easy, CURLOPT_PATH_AS_IS, 1)
    cu_set_long(easy, CURLOPT_HTTP_VERSION, cu_http_1_1)
    cu_set_long(easy, CURLOPT_SSLVERSION, cu_tls_1_2)
    cu_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
    cu_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
    if let certificates {
      cu_set_text(easy, CURLOPT_CAINFO, certificates)
      cu_set_text(easy, CURLOPT_CAPATH, nil)
    }
    if transfer.address.isLoopback { cu_set_text(easy, CURLOPT_PROXY, "") }
    cu_set_text(easy, CURLOPT_ACCEPT_ENCODING, "")
    cu_set_text(easy, CURLOPT_USERAGENT, userAgent)
    cu_set_long(
      easy, CURLOPT_CONNECTTIMEOUT_MS, Int(max(1, request.connectTime.wholeMilliseconds)))
    cu_set_long(easy, CURLOPT_TIMEOUT_MS, Int(max(1, request.totalTime.wholeMilliseconds)))
    cu_set_pointer(easy, CURLOPT_ERRORBUFFER, transfer.errorText)
    cu_set_data_function(easy, CURLOPT_WRITEFUNCTION, writeFunction)
    cu_set_pointer(easy, CURLOPT_WRITEDATA, pointer)
    cu_set_data_function(easy, CURLOPT_HEADERFUNCTION, headerFunction)
    cu_set_pointer(easy, CURLOPT_HEADERDATA, pointer)
    cu_set_prereq_function(easy, prereqFunction)
    cu_set_pointer(easy, CURLOPT_PREREQDATA, pointer)
    switch request.method {
    case "GET" where request.body.isEmpty: cu_set_long(easy, CURLOPT_HTTPGET, 1)
    case "HEAD": cu_set_long(easy, CURLOPT_NOBODY, 1)
    case "DELETE" where request.body.isEmpty, "OPTIONS" where request.body.isEmpty:
      cu_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method)
    default:
      cu_set_long(easy, CURLOPT_POST, 1)
      cu_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
      cu_set_pointer(easy, CURLOPT_POSTFIELDS, transfer.body.baseAddress.map { .init($0) })
      if request.body.isEmpty { cu_set_text(easy, CURLOPT_POSTFIELDS, "") }
      cu_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method)
    }
    var list: UnsafeMutablePointer<curl_slist>?
    for line in request.headers.lines {
      // An empty value needs the semicolon, or libcurl takes the line for "leave it out".
      list = curl_slist_append(
        list, line.value.isEmpty ? "\(line.name);" : "\(line.name): \(line.value)")
    }
    list = curl_slist_append(list, "Expect:")
    if request.headers["Content-Type"] == nil { list = curl_slist_append(list, "Content-Type:") }
    transfer.headerList = list
    cu_set_list(easy, CURLOPT_HTTPHEADER, list)
  }
}

private let writeFunction: cu_data_function = { @Sendable data, size, count, pointer in
  guard let data, let pointer else { return 0 }
  let transfer = Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
  let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
  return transfer.takeBody(bytes) ? bytes.count : 0
}

private let headerFunction: cu_data_function = { @Sendable data, size, count, pointer in
  guard let data, let pointer else { return 0 }
  let transfer = Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
  let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
  return transfer.takeHeader(bytes) ? bytes.count : 0
}

/// Refuses the second attempt: libcurl repeats a request by itself when a kept connection dies
/// under it, a POST too, although the server may have acted on the first.
private let prereqFunction: cu_prereq_function = { @Sendable pointer, _, _, _, _ in
  guard let pointer else { return CURL_PREREQFUNC_ABORT }
  let transfer = Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
  transfer.attempts += 1
  return transfer.attempts == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}
