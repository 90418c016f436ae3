import Commands

@main enum Listkeeper { static func main() { CommandTool.main() } }
