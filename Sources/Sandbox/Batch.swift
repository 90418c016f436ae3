// Batches: operations that the practice does later, in the order they were sent, each like a
// request of its own. They take effect when the batch starts; "finished" says nothing about
// success. What became of each is fetched from a store that wants no credentials and refuses them.

import Basics
import HTTP

struct SandboxBatch: Sendable {
  struct Operation: Sendable {
    let id: String
    let request: HTTPRequest
  }

  let id: String
  let submitted: Instant
  fileprivate(set) var operations: [Operation]
  let total: Int
  fileprivate(set) var results: [JSONValue] = []
  fileprivate(set) var errored = 0
  fileprivate(set) var completed: Instant?

  fileprivate var hasRun: Bool { operations.isEmpty && results.count == total }
}

struct BatchBook: Sendable {
  fileprivate var batches: [SandboxBatch] = []
  fileprivate var made = 0

  subscript(_ id: String) -> SandboxBatch? { batches.first { $0.id == id } }
}

extension SandboxMailchimp {
  static let batchArchives = "/batch-results/"
  static let batchLimit = 1000
  static let pendingBatchLimit = 500
  /// A batch disappears after so many days.
  static let batchDays = 7
  /// Results are cut into files of so many.
  static let resultsPerFile = 100

  // MARK: Time

  /// Does what is due: starts batches, finishes them, forgets old ones.
  mutating func advanceBatches(at now: Instant, toTheEnd: Bool = false) {
    if batches.batches.isEmpty { return }
    batches.batches.removeAll { now - $0.submitted > .seconds(86_400 * Self.batchDays) }
    for index in batches.batches.indices where batches.batches[index].completed == nil {
      let age = now - batches.batches[index].submitted
      if toTheEnd || age >= configuration.batchStage * 2 { run(index, at: now) }
      if toTheEnd {
        batches.batches[index].completed = now
      } else if age >= configuration.batchStage * 4 {
        batches.batches[index].completed =
          batches.batches[index].submitted + configuration.batchStage * 4
      }
    }
  }

  private mutating func run(_ index: Int, at now: Instant) {
    let operations = batches.batches[index].operations
    batches.batches[index].operations = []
    for operation in operations {
      let status: Int
      let body: [UInt8]
      do throws(Refusal) {
        let answer = try route(operation.request, at: now)
        (status, body) = (answer.status, answer.body ?? [])
      } catch {
        let response = error.response(instance: "", dataCentre: configuration.dataCentre)
        (status, body) = (response.status, response.body)
        batches.batches[index].errored += 1
      }
      batches.batches[index].results.append([
        "status_code": .int(Int64(status)), "operation_id": .string(operation.id),
        "response": .string(String(decoding: body, as: UTF8.self)),
      ])
    }
  }

  // MARK: The calls

  mutating func submitBatch(
    _ body: JSONValue, _ request: HTTPRequest, at now: Instant
  ) throws(Refusal) -> Answer {
    guard let sent = body["operations"] else {
      throw .unvalidated("", "Required fields were not provided: operations")
    }
    guard let items = sent.array else {
      throw .unvalidated("operations", SchemaCheck.found(sent, insteadOf: "array"))
    }
    guard items.count <= Self.batchLimit else {
      throw .unvalidated("operations", "Array must contain at most \(Self.batchLimit) items")
    }
    var operations: [SandboxBatch.Operation] = []
    for (index, item) in items.enumerated() {
      operations.append(try Self.operation(item, "operations.item:\(index)"))
    }
    guard batches.batches.count(where: { $0.completed == nil }) < Self.pendingBatchLimit else {
      throw Refusal(
        status: 429, title: "Too Many Requests",
        detail: "You have \(Self.pendingBatchLimit) pending batches.")
    }
    batches.made += 1
    let batch = SandboxBatch(
      id: String(Digest.md5("batch \(batches.made)".utf8).prefix(10)), submitted: now,
      operations: operations, total: operations.count)
    batches.batches.append(batch)
    return answer(batch, request, at: now)
  }

  func listBatches(_ request: HTTPRequest, at now: Instant) throws(Refusal) -> Answer {
    let page = try Page(request)
    let selection = FieldSelection(request, top: ["batches", "total_items", "_links"])
    let listed = batches.batches
    let whole: JSONValue = [
      "batches": .array(page.of(listed).map { json(of: $0, request, at: now) }),
      "total_items": .int(Int64(listed.count)),
      "_links": [
        Schema.entry(
          configuration.dataCentre, "self", "/batches", target: "Batches/CollectionResponse.json")
      ],
    ]
    return Answer(200, selection.applied(to: whole), schema: "Batches/Collection.json")
  }

  /// A deleted batch stops where it is; what it did stays done.
  mutating func answerBatch(
    _ id: String, _ request: HTTPRequest, at now: Instant
  ) throws(Refusal) -> Answer {
    guard let batch = batches[id] else { throw .notFound }
    guard request.method == "DELETE" else { return answer(batch, request, at: now) }
    batches.batches.removeAll { $0.id == id }
    return Answer(204, nil)
  }

  private static func operation(
    _ json: JSONValue, _ place: String
  ) throws(Refusal) -> SandboxBatch.Operation {
    guard json.object != nil else {
      throw .unvalidated(place, SchemaCheck.found(json, insteadOf: "object"))
    }
    let missing = ["method", "path"].filter { json[$0] == nil }
    if !missing.isEmpty {
      throw .unvalidated(
        place, "Required fields were not provided: \(missing.joined(separator: ", "))")
    }
    func text(_ name: String) throws(Refusal) -> String {
      guard let value = json[name] else { return "" }
      guard let text = value.string else {
        throw .unvalidated("\(place).\(name)", SchemaCheck.found(value, insteadOf: "string"))
      }
      return text
    }
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    let method = try text("method")
    guard methods.contains(method) else {
      throw .unvalidated("\(place).method", SchemaCheck.notOneOf(methods))
    }
    var query: [FormField] = []
    for (name, value) in (json["params"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      query.append(FormField(name, value.string ?? value.description))
    }
    let path = try text("path")
    // A batch within a batch leads nowhere.
    let target = path.hasPrefix("/batches") ? "/3.0/none" : "/3.0\(path)"
    return SandboxBatch.Operation(
      id: try text("operation_id"),
      request: HTTPRequest(
        method, path.hasPrefix("/") ? target : "/3.0/\(path)", query: query,
        body: Array(try text("body").utf8)))
  }

  private func answer(
    _ batch: SandboxBatch, _ request: HTTPRequest, at now: Instant
  ) -> Answer {
    let whole = json(of: batch, request, at: now)
    let selection = FieldSelection(request, top: Set((whole.object ?? [:]).keys))
    return Answer(200, selection.applied(to: whole), schema: "Batches/Instance.json")
  }

  private func json(
    of batch: SandboxBatch, _ request: HTTPRequest, at now: Instant
  ) -> JSONValue {
    let stages = ["pending", "preprocessing", "started", "finalizing"]
    let age = now - batch.submitted
    let stage = (1..<stages.count).last { age >= configuration.batchStage * $0 } ?? 0
    let host = request.headers["Host"] ?? "\(configuration.address):\(configuration.port)"
    let isFinished = batch.completed != nil
    let done = isFinished || stage == 3 ? batch.total : stage == 2 ? batch.total / 2 : 0
    return [
      "id": .string(batch.id), "status": .string(isFinished ? "finished" : stages[stage]),
      "total_operations": .int(Int64(batch.total)), "finished_operations": .int(Int64(done)),
      "errored_operations": .int(Int64(done == batch.total ? batch.errored : 0)),
      "submitted_at": .string(batch.submitted.onTheWire),
      "completed_at": .string(batch.completed?.onTheWire ?? ""),
      "response_body_url": .string(
        isFinished ? "http://\(host)\(Self.archivePath(of: batch))" : ""),
      "_links": [
        Schema.entry(
          configuration.dataCentre, "parent", "/batches",
          target: "Batches/CollectionResponse.json"),
        Schema.entry(
          configuration.dataCentre, "self", "/batches/\(batch.id)", target: "Batches/Response.json"),
        Schema.entry(configuration.dataCentre, "delete", "/batches/\(batch.id)", "DELETE"),
      ],
    ]
  }

  // MARK: Results

  private static func archivePath(of batch: SandboxBatch) -> String {
    "\(batchArchives)\(batch.id)-\(Digest.md5("archive \(batch.id)".utf8))-response.tar.gz"
  }

  /// The results of a finished batch; nil for other paths. For one stage after finishing the link
  /// is there and does not work yet.
  func batchArchive(_ request: HTTPRequest, at now: Instant) -> HTTPResponse? {
    guard request.path.hasPrefix(Self.batchArchives) else { return nil }
    func refusal(_ status: Int, _ code: String) -> HTTPResponse {
      HTTPResponse(
        status, headers: ["Content-Type": "application/xml"],
        body: Array("<?xml version=\"1.0\"?><Error><Code>\(code)</Code></Error>".utf8))
    }
    let batch = batches.batches.first { Self.archivePath(of: $0) == request.path }
    guard request.method == "GET" else { return refusal(405, "MethodNotAllowed") }
    guard let batch, let completed = batch.completed else { return refusal(404, "NoSuchKey") }
    if request.headers["Authorization"] != nil { return refusal(400, "InvalidArgument") }
    if now - completed < configuration.batchStage { return refusal(400, "InvalidRequest") }
    var files: [(name: String, content: [UInt8])] = []
    for start in stride(from: 0, to: batch.results.count, by: Self.resultsPerFile) {
      let part = batch.results[start..<min(start + Self.resultsPerFile, batch.results.count)]
      let name = String(Digest.md5("\(batch.id) \(start)".utf8).prefix(10))
      files.append(("./\(name).json", JSONValue.array(Array(part)).serialized()))
    }
    return HTTPResponse(
      200, headers: ["Content-Type": "application/gzip"],
      body: Archive.gzip(Archive.tar(files, at: completed)))
  }
}
