using System.Runtime.InteropServices;
using Datapath.Bench.Interop;

namespace Datapath.Bench.Lab;

/// <summary>
/// Answers datagrams, on the thread that sent them, from the address that they were sent to. Its own calls run the programs of the cgroup in
/// which it was made.
/// </summary>
internal sealed unsafe class DatagramServer : IDisposable
{
    private const int DataSize = 64;
    private const int ControlSize = 64;
    private readonly int _fd;
    private readonly State* _state;

    public DatagramServer(int port)
    {
        _fd = Sockets.Bind(Libc.SOCK_DGRAM, port);
        Sockets.Set(_fd, Libc.SOL_IP, Libc.IP_PKTINFO, 1);
        _state = (State*)NativeMemory.AllocZeroed((nuint)sizeof(State));
        _state->Vector = new() { Data = _state->Data };
        _state->Message = new() { Name = _state->Name, Vectors = &_state->Vector, VectorCount = 1, Control = _state->Control };
    }

    /// <summary>Answers one datagram, if one has arrived.</summary>
    public bool TryAnswer()
    {
        var message = &_state->Message;
        var length = Receive();
        if (length < 0)
            return false;

        // What it says of the way in (address and interface) is what the answer is to be told of the way out.
        _state->Vector.Length = (nuint)length;
        message->Flags = 0;
        Libc.Check(Libc.sendmsg(_fd, message, 0), "sendmsg");
        return true;
    }

    /// <summary>Forgets what has arrived.</summary>
    public void Drain()
    {
        while (Receive() >= 0)
        {
        }
    }

    public void Dispose()
    {
        _ = Libc.close(_fd);
        NativeMemory.Free(_state);
    }

    private nint Receive()
    {
        var message = &_state->Message;
        (message->NameLength, message->ControlLength, _state->Vector.Length) = (28, ControlSize, DataSize);
        return Libc.recvmsg(_fd, message, 0);
    }

    private struct State
    {
        public MessageHeader Message;
        public InputVector Vector;
        public fixed byte Data[DataSize];
        public fixed byte Control[ControlSize];
        public fixed byte Name[32];
    }
}
