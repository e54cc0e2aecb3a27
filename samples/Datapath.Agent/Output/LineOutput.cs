using Microsoft.Win32.SafeHandles;

namespace Datapath.Agent.Output;

/// <summary>Lines on standard output for as long as somebody takes them. The console's own writer drops what nobody takes, and goes on.</summary>
internal sealed class LineOutput : IDisposable
{
    private const int StandardOutput = 1;
    private const int BrokenPipe = 32; // EPIPE
    private readonly FileStream _stream = new(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
    private readonly StreamWriter _writer;

    public LineOutput() => _writer = new(_stream) { NewLine = "\n" };

    /// <summary>Whether nobody takes the lines any more.</summary>
    public bool IsClosed { get; private set; }

    public void WriteLine(string line) => UnlessClosed(() => _writer.WriteLine(line));

    /// <summary>Hands over what was written.</summary>
    public void Flush() => UnlessClosed(_writer.Flush);

    public void Dispose()
    {
        Flush();
        _stream.Dispose(); // not the writer, which would write once more
    }

    private void UnlessClosed(Action write)
    {
        if (IsClosed)
            return;
        try
        {
            write();
        }
        catch (IOException e) when (e.HResult == BrokenPipe)
        {
            IsClosed = true;
        }
    }
}
