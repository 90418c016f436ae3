import Basics
import Testing

@Suite struct JSONValueTests {
  @Test(arguments: [
    #"{"a":[1,-2,3.5,true,false,null,"é \"quoted\" \\ 中文 😀"],"b":{}}"#,
    #"[]"#, #""""#, "0", "-0.5", "12345678901234567",
  ])
  func `what is printed is read back the same`(text: String) throws {
    let value = try JSONValue.parse(text)
    #expect(try JSONValue.parse(value.description) == value)
    #expect(try JSONValue.parse(value.pretty()) == value)
  }

  @Test func `escapes and surrogate pairs become characters`() throws {
    #expect(try JSONValue.parse(#""\u00e9\ud83d\ude00\n\/""#) == .string("é😀\n/"))
    #expect(try JSONValue.parse(#""\ud83dx""#) == .string("\u{FFFD}x"))
  }

  @Test(arguments: [
    "", "{", "[1,]", #"{"a" 1}"#, "01", "1.", "nul", "\"\u{1}\"", "\"", "[1] 2", "+1", #""\x""#,
    #""\u12""#,
  ])
  func `text that is not JSON is refused with its byte`(text: String) {
    let problem = #expect(throws: Problem.self) { try JSONValue.parse(text) }
    #expect(problem?.code == "json.malformed")
    #expect(problem?.sentence.contains("byte") == true)
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    #expect(throws: Problem.self) { try JSONValue.parse([0x22, 0xFF, 0x22]) }
  }

  @Test func `nesting of 200 levels is refused instead of overflowing the stack`() {
    #expect(throws: Problem.self) {
      try JSONValue.parse(String(repeating: "[", count: 200))
    }
  }

  @Test(arguments: [
    #"{"a": 1, "big": [{"x": "}]\"", "y": [1, [2], {}]}, null], "b": {"big": 2}}"#,
    #"{"big": "a \u00e9 \" text", "a": true}"#, #"{"big": -1.5e3}"#,
    #"{ "big" : { } , "a" : [ ] }"#,
  ])
  func `what is left out of the outermost object is missing, and all else is read`(text: String)
    throws
  {
    var whole = try JSONValue.parse(text).object ?? [:]
    whole["big"] = nil
    let read = try JSONValue.parse(Array(text.utf8), leavingOut: ["big"])
    #expect(read == .object(whole))
    // Cut anywhere, it is no JSON any more.
    for end in 0..<text.utf8.count {
      #expect(throws: Problem.self) {
        try JSONValue.parse(Array(text.utf8.prefix(end)), leavingOut: ["big"])
      }
    }
  }

  @Test(arguments: [
    #"{"big": [1}}"#, #"{"big": ]}"#, #"{"big": }"#, #"{"big": ,1}"#, #"{"big": x}"#,
  ])
  func `what is left out still has to end where it says`(text: String) {
    #expect(throws: Problem.self) { try JSONValue.parse(Array(text.utf8), leavingOut: ["big"]) }
  }
}
