namespace Datapath.Bench.Maps;

/// <summary>Map operations with nothing between them and the kernel: what the typed views are measured against.</summary>
/// <remarks>Each does what it says for as many elements as are asked, or ends the benchmark.</remarks>
internal unsafe interface IMapTwin
{
    const int LookupElem = 1;
    const int UpdateElem = 2;
    const int DeleteElem = 3;
    const int GetNextKey = 4;
    const int LookupAndDeleteElem = 21;
    const int LookupBatch = 24;
    const int UpdateBatch = 26;
    const int DeleteBatch = 27;

    /// <summary>What it is written in.</summary>
    string Language { get; }

    /// <summary>The same command for each key; a step of 0 uses the same memory each time.</summary>
    void Each(int fd, int command, void* keys, int keyStep, void* values, int valueStep, int count);

    /// <summary>Writes or removes all elements by one call.</summary>
    void Write(int fd, int command, void* keys, void* values, int count);

    /// <summary>Reads all elements, as many in a call as a portion.</summary>
    void Read(int fd, void* keys, int keySize, void* values, int valueSize, int count, int portion);

    /// <summary>Reads all elements into new memory, key and value side by side, and gives the memory back.</summary>
    void List(int fd, int count, int portion);

    /// <summary>Walks over the keys, each into its own place.</summary>
    void Walk(int fd, void* keys, int keySize, int count);

    /// <summary>Fills slots in plain memory.</summary>
    void Fill(Slot* slots, int count, ulong value);

    /// <exception cref="BenchException">Not all of it was done: a loop that fails measures nothing.</exception>
    static void Check(nint done, int count, string what)
    {
        if (done != count)
            throw new BenchException(done < 0 ? $"{what}: {(Linux.Errno)(-done)}" : $"{what}: {done} of {count} elements");
    }
}
