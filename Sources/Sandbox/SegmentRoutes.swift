// Which call about tags and segments a request is.

import Basics
import HTTP

extension SandboxMailchimp {
  mutating func answerSegments(
    _ resource: AudienceResource, _ request: HTTPRequest, _ index: Int, _ rest: [String],
    at now: Instant
  ) throws(Refusal) -> Answer {
    let name = rest.count > 1 ? rest[1] : ""
    switch (resource, request.method) {
    case (.memberTags, "POST"):
      return try audiences[index].changeTags(hash: name, try body(of: request), at: now)
    case (.memberTags, _): return try audiences[index].listTags(hash: name, request)
    case (.tagSearch, _): return audiences[index].searchTags(request)
    case (.segments, "POST"):
      return try audiences[index].createSegment(try body(of: request), request, at: now)
    case (.segments, _): return try audiences[index].listSegments(request)
    case (.segment, "POST"):
      return try audiences[index].moveMembers(name, try body(of: request), at: now)
    case (.segment, "PATCH"):
      return try audiences[index].changeSegment(name, try body(of: request), request, at: now)
    case (.segment, "DELETE"): return try audiences[index].deleteSegment(name, at: now)
    case (.segment, _): return try audiences[index].showSegment(name, request)
    case (.segmentMembers, "POST"):
      return try audiences[index].addSegmentMember(name, try body(of: request), at: now)
    case (.segmentMembers, _): return try audiences[index].listSegmentMembers(name, request)
    case (.segmentMember, _):
      return try audiences[index].removeSegmentMember(name, hash: rest[3], at: now)
    default: throw .invalidPath
    }
  }
}
