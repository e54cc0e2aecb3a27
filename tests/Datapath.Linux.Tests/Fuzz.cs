using System.Buffers.Binary;
using System.Diagnostics;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Tests;

/// <summary>Broken inputs for readers of bytes, the same for the same seed.</summary>
internal static class Fuzz
{
    private static readonly uint[] s_numbers = [0, 1, 2, 0x7f, 0x80, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff];

    /// <summary>Changes a few bytes or words, copies a piece to another place, or cuts the end off.</summary>
    public static byte[] Mutate(ReadOnlySpan<byte> input, Random random)
    {
        var bytes = input.ToArray();
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(bytes.Length - 4);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), random.GetItems(s_numbers, 1)[0]);
                    break;
                case 3:
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at & ~3), (uint)random.Next(bytes.Length * 2));
                    break;
                default:
                    var length = random.Next(1, Math.Min(64, bytes.Length - at));
                    bytes.AsSpan(random.Next(bytes.Length - length), length).CopyTo(bytes.AsSpan(at));
                    break;
            }
        }

        return random.Next(16) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    /// <summary>Runs a reader. Any exception but the declared one ends the test, and so does a read that takes for ever.</summary>
    /// <returns>Whether it took the input.</returns>
    public static bool IsRead(Action read)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            read();
            return true;
        }
        catch (InvalidBpfObjectException e)
        {
            Assert.That(e.Message, Is.Not.Empty);
            return false;
        }
        finally
        {
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(20)));
        }
    }
}
