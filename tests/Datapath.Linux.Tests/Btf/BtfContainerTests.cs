using System.Buffers.Binary;
using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;
using Datapath.Linux.Tests.Elf;
using Datapath.Linux.Tests.Fuzzing;

namespace Datapath.Linux.Tests.Btf;

/// <summary>Types in files of either form.</summary>
public class BtfContainerTests
{
    private const ushort MachineX64 = 62;

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("datapath-test-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_kernel_with_debug_information_has_the_types_of_its_section()
    {
        var expected = KernelBtf.Parse(Corpus.KernelTypes);
        var elf = Elf(".BTF", Corpus.KernelTypes);
        foreach (var kernel in new[] { KernelBtf.ReadFile(Write("vmlinux", elf)), KernelBtf.Parse(elf), KernelBtf.ReadFile(Write("btf", Corpus.KernelTypes)) })
            Assert.That(kernel.Types, Is.EqualTo(expected.Types));
    }

    [Test]
    public void An_object_of_the_compiler_has_the_types_of_its_section() =>
        Assert.That(KernelBtf.Parse(Corpus.Object("core")).Types, Is.EqualTo(BpfObjectSpec.Parse(Corpus.Object("core")).Types));

    [Test]
    public void A_module_continues_its_kernel()
    {
        var kernel = new BtfBuilder();
        var number = kernel.Int("int", 4);
        var module = new BtfBuilder(kernel);
        _ = module.Struct("mine", 4, ("a", number, 0));
        var types = KernelBtf.ReadFile(Write("module.ko", Elf(".BTF", module.Build())), KernelBtf.Parse(kernel.Build())).Types;
        Assert.That(types.Find(BtfKind.Struct, "mine").Fields[0].ToString(), Is.EqualTo("a (int) at 0"));
    }

    [Test]
    public void Of_a_large_file_little_is_read()
    {
        var builder = new ElfBuilder { Machine = MachineX64 };
        _ = builder.Section(".debug_info", new byte[8 << 20]);
        _ = builder.Section(".BTF", Corpus.KernelTypes);
        var file = builder.Build();
        var read = 0;
        var types = BtfContainer.Open("it", Read, file.Length);
        Assert.That(types.Span.SequenceEqual(Corpus.KernelTypes));
        Assert.That(read, Is.LessThan(Corpus.KernelTypes.Length + 2000));

        ReadOnlyMemory<byte> Read(long offset, int length)
        {
            read += length;
            return file.AsMemory((int)offset, length);
        }
    }

    [Test]
    public void Other_files_are_told_what_is_wanted()
    {
        AssertRefused("some text, which is no kernel's"u8.ToArray(), "is neither BTF, as /sys/kernel/btf/vmlinux is, nor an ELF file with a section '.BTF', as the vmlinux of a debug package is");
        AssertRefused([], "is neither BTF");
        AssertRefused(Elf(".text", [1, 2, 3]), "is an ELF file without a section '.BTF'; a kernel has one if it was built with CONFIG_DEBUG_INFO_BTF");
        AssertRefused(Elf(".BTF.base", [1, 2, 3]), "continues types of its own");
        var other = new ElfBuilder { Machine = MachineX64 };
        _ = other.Section(".BTF", [], ElfSectionType.NoBits, size: 4000);
        AssertRefused(other.Build(), "section 1 is only named in this file, its content is in another");
        AssertRefused(new ElfBuilder { DataEncoding = 2 }.Build(), "not a 64-bit little-endian ELF file; types of other machines are not read");
        var bigEndian = Corpus.KernelTypes.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bigEndian, 0xeb9f);
        AssertRefused(bigEndian, "no little-endian BTF header");
    }

    [Test]
    public void Broken_files_are_read_or_refused([Values(1, 2)] int seed)
    {
        var objects = Corpus.Objects.Append(Elf(".BTF", Corpus.KernelTypes)).ToArray();
        new FuzzRun<InvalidBpfObjectException>("container", static input => KernelBtf.Parse(input)).Run(objects, 20_000, seed);
    }

    private static byte[] Elf(string section, byte[] data)
    {
        var builder = new ElfBuilder { Machine = MachineX64 };
        _ = builder.Section(section, data);
        return builder.Build();
    }

    private string Write(string name, byte[] content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private void AssertRefused(byte[] content, string message) =>
        Assert.That(() => KernelBtf.ReadFile(Write("file", content)), Throws.TypeOf<InvalidBpfObjectException>().With.Message.Contains(message));
}
