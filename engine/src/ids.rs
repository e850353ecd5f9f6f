//! Index types of one module's index spaces (WebAssembly core specification, section 2.5.1), and what
//! other ids are made with.
//!
//! Each is a `u32` of its own type, so that a table index cannot be used where a function index is
//! meant. An index is only meaningful together with the module it was decoded from. [`Indexed`] is a
//! list that takes one type of index only.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

macro_rules! index_types {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as a position in a slice.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl From<usize> for $name {
            /// # Panics
            /// If the position exceeds 32 bits, which neither a decoded module nor a store can reach.
            fn from(position: usize) -> Self {
                $name(u32::try_from(position).expect("an index space has at most 2^32 entries"))
            }
        }

        impl From<$name> for usize {
            fn from(index: $name) -> usize {
                index.index()
            }
        }
    )*};
}
pub(crate) use index_types;

index_types! {
    /// Index of a type in the type section.
    TypeIndex,
    /// Index of a function: imports first, then the module's own.
    FuncIndex,
    /// Position among the functions a module defines itself, which is also the position of the
    /// body in the code section.
    DefinedFunc,
    /// Index of a table: imports first.
    TableIndex,
    /// Index of a linear memory: imports first.
    MemoryIndex,
    /// Index of a global: imports first.
    GlobalIndex,
    /// Index of an element segment.
    ElemIndex,
    /// Index of a data segment.
    DataIndex,
}

/// A list whose elements are named by indices of type `I`, and by no others.
#[derive(Clone, Debug)]
pub(crate) struct Indexed<I, T> {
    elements: Vec<T>,
    _index: PhantomData<fn(I)>,
}

impl<I: From<usize>, T> Indexed<I, T> {
    pub(crate) const fn new() -> Self {
        Indexed {
            elements: Vec::new(),
            _index: PhantomData,
        }
    }

    /// Appends an element and returns its index.
    pub(crate) fn push(&mut self, element: T) -> I {
        let index = self.next_index();
        self.elements.push(element);
        index
    }

    /// The index of the element that is pushed next.
    pub(crate) fn next_index(&self) -> I {
        I::from(self.elements.len())
    }

    pub(crate) fn len(&self) -> usize {
        self.elements.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        let elements = self.elements.iter().enumerate();
        elements.map(|(position, element)| (I::from(position), element))
    }
}

impl<I, T> From<Vec<T>> for Indexed<I, T> {
    fn from(elements: Vec<T>) -> Self {
        Indexed {
            elements,
            _index: PhantomData,
        }
    }
}

impl<I: Into<usize>, T> Indexed<I, T> {
    /// The element of this index, if there is one.
    pub(crate) fn get(&self, index: I) -> Option<&T> {
        self.elements.get(index.into())
    }
}

impl<I: Into<usize>, T> Index<I> for Indexed<I, T> {
    type Output = T;

    fn index(&self, index: I) -> &T {
        &self.elements[index.into()]
    }
}

impl<I: Into<usize>, T> IndexMut<I> for Indexed<I, T> {
    fn index_mut(&mut self, index: I) -> &mut T {
        &mut self.elements[index.into()]
    }
}
