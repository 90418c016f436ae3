@main enum Listkeeper { static func main() { print("listkeeper") } }
