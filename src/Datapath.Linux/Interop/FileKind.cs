namespace Datapath.Linux;

/// <summary>What an open file is, by the type in its mode.</summary>
internal enum FileKind : ushort
{
    Pipe = 0x1000,
    Regular = 0x8000,
    Socket = 0xc000,
}
